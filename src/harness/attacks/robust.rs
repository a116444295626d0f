//! Attacks that want gorace to destroy something, to read without end, or to fall over.

use super::Harm::{Breaks, HidesFinding, RunsForeignCode};
use super::{Place, Trial, must, racy};
use std::os::unix::fs::symlink;
use std::time::Duration;

pub const TRIALS: &[Trial] = &[
    Trial { name: "F2 source", what: "build -o onto a source file of the program", harm: Breaks, run: onto_source },
    Trial { name: "F2 folder and device", what: "build -o onto a device", harm: Breaks, run: onto_device },
    Trial { name: "F3", what: "SIGHUP during a check", harm: HidesFinding, run: hangup },
    Trial { name: "F4", what: "very few threads", harm: Breaks, run: few_threads },
    Trial { name: "F4 pool", what: "RAYON_NUM_THREADS=99999", harm: Breaks, run: many_threads },
    Trial { name: "F5", what: "cache --clear beside checks", harm: Breaks, run: cleared },
    Trial { name: "F6 folder", what: "//go:embed through a link to a folder", harm: RunsForeignCode, run: embed_link },
    Trial { name: "F6 words", what: "//go:embed of . and of malformed patterns", harm: Breaks, run: embed_words },
    Trial { name: "F19 device", what: "a source file that is a link to /dev/zero", harm: Breaks, run: zero_source },
    Trial { name: "F19 pipe", what: "a source file that is a pipe", harm: Breaks, run: pipe_source },
    Trial {
        name: "F19 gorace.toml",
        what: "a gorace.toml that is a device or a pipe",
        harm: Breaks,
        run: odd_settings,
    },
    Trial { name: "F19 go.mod", what: "a go.mod that is a device", harm: Breaks, run: odd_module },
    Trial {
        name: "F19 later",
        what: "a source file that becomes a pipe during the check",
        harm: Breaks,
        run: pipe_later,
    },
    Trial { name: "F22", what: "import paths that lead out of the module", harm: RunsForeignCode, run: outside },
    Trial { name: "m cache", what: "a cache that cannot be written", harm: Breaks, run: unwritable },
    Trial { name: "m stdout", what: "standard output on a full disk", harm: HidesFinding, run: full_output },
    Trial { name: "m panic", what: "a panic behind a line without an end", harm: Breaks, run: half_line },
    Trial { name: "output", what: "an --output that is a device or a folder", harm: Breaks, run: odd_output },
];

const EMPTY: &str = "package main\n\nfunc main() {}\n";

fn onto_source(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    place.run(place.gorace(&["build", "-o", "main.go", "main.go"]))?.is(2, &["not an object file"])?;
    let left = std::fs::read_to_string(place.path("main.go")).map_err(|e| e.to_string())?;
    must(left == EMPTY, || "the source was replaced".to_string())?;
    place.run(place.gorace(&["build", "-o", "program", "main.go"]))?.is(0, &[])?;
    place.run(place.gorace(&["build", "-o", "program", "main.go"]))?.is(0, &[])
}

fn onto_device(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    // A device of the trial's own, where one can be made: one of the system's is not to be risked.
    if place.command("mknod").args(["device", "c", "1", "3"]).status().is_ok_and(|status| status.success()) {
        place.run(place.gorace(&["build", "-o", "device", "main.go"]))?.is(2, &["not a regular file"])?;
    }
    let pipe = place.command("mkfifo").arg("pipe").status().map_err(|e| e.to_string())?;
    must(pipe.success(), || "no pipe".to_string())?;
    place.run(place.gorace(&["build", "-o", "pipe", "main.go"]))?.is(2, &["not a regular file"])
}

fn hangup(place: &Place) -> Result<(), String> {
    place.write("main.go", racy(&[], "", "\tfor {\n\t}"))?;
    let command = place.gorace(&["check", "--timeout", "3", "--no-shorten", "--format", "sarif", "main.go"]);
    let ran = place.run_signalled(command, rustix::process::Signal::HUP, &[Duration::from_secs(8)])?;
    ran.is(1, &["data-race", "\"runs\""])
}

fn few_threads(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    // Root has no limit: the trial is one of another user.
    let mut command = place.command("setpriv");
    let root = rustix::process::geteuid().is_root();
    if root {
        for folder in [place.path(""), place.path("cache")] {
            let _ = std::fs::create_dir(&folder);
            std::os::unix::fs::chown(&folder, Some(54321), Some(54321)).map_err(|e| e.to_string())?;
        }
        command.args(["--reuid", "54321", "--regid", "54321", "--clear-groups"]);
    }
    command.env("XDG_CACHE_HOME", place.path("cache"));
    command.args(["sh", "-c", "ulimit -u 4; exec \"$0\" check --schedules 2 main.go"]).arg(&place.gorace);
    let ran = place.run(command)?;
    must(!ran.all().contains("panicked") && [0, 2].contains(&ran.status), || format!("{}: {}", ran.status, ran.all()))
}

fn many_threads(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    let mut command = place.gorace(&["check", "--schedules", "2", "main.go"]);
    command.env("RAYON_NUM_THREADS", "99999");
    let ran = place.run(command)?;
    ran.is(0, &["no findings"])?;
    ran.within(40.0)
}

fn cleared(place: &Place) -> Result<(), String> {
    place.write("main.go", racy(&["time"], "\ttime.Sleep(time.Millisecond)", ""))?;
    let mut command = place.gorace(&["check", "--schedules", "200", "main.go"]);
    command.env("XDG_CACHE_HOME", place.path("cache"));
    let mut cleared = 0;
    let start = std::time::Instant::now();
    let ran = place.run_with(command, Duration::from_secs(120), &mut |_| {
        if cleared < 6 && start.elapsed() > Duration::from_millis(1500 * (cleared + 1)) {
            cleared += 1;
            let mut clear = place.gorace(&["cache", "--clear"]);
            let _ = place.run({
                clear.env("XDG_CACHE_HOME", place.path("cache"));
                clear
            });
        }
    })?;
    ran.finds("data-race")
}

fn module(place: &Place, embed: &str) -> Result<(), String> {
    place.write("m/go.mod", "module example.com/m\n\ngo 1.26\n")?;
    place.write("outside/secret.txt", "secret")?;
    place.write("m/d/x.txt", "x")?;
    let source = format!(
        "package main\n\nimport (\n\t\"embed\"\n\t\"fmt\"\n)\n\n//go:embed {embed}\nvar f embed.FS\n\nfunc main() {{\n\tb, _ := f.ReadFile(\"in/secret.txt\")\n\tfmt.Println(string(b))\n}}\n"
    );
    place.write("m/main.go", source).map(|_| ())
}

/// What go and gorace say of the same module: both must refuse, with the same words.
fn refused_as_by_go(place: &Place) -> Result<(), String> {
    let mut go = place.command(place.sdk.join("bin/go"));
    go.args(["build", "-o", "/dev/null", "."]).current_dir(place.path("m")).env("GOFLAGS", "-mod=mod");
    let theirs = place.run(go)?;
    let mut ours = place.gorace(&["build", "."]);
    ours.current_dir(place.path("m"));
    let ours = place.run(ours)?;
    must(theirs.status != 0 && ours.status == 2, || format!("go: {}\ngorace: {}", theirs.all(), ours.all()))?;
    let words = |text: &str| text.lines().find_map(|l| Some(l.split_once("pattern ")?.1.trim().to_string()));
    let (a, b) = (words(&theirs.all()), words(&ours.all()));
    must(a == b && a.is_some(), || format!("go: {}\ngorace: {}", theirs.all(), ours.all()))
}

fn embed_link(place: &Place) -> Result<(), String> {
    for pattern in ["in/secret.txt", "in/*.txt", "in"] {
        module(place, pattern)?;
        let _ = symlink("../outside", place.path("m/in"));
        refused_as_by_go(place)?;
    }
    module(place, "link.txt")?;
    symlink("../outside/secret.txt", place.path("m/link.txt")).map_err(|e| e.to_string())?;
    refused_as_by_go(place)
}

fn embed_words(place: &Place) -> Result<(), String> {
    for pattern in [
        ".",
        "..",
        "../outside/secret.txt",
        "d/",
        "/etc/passwd",
        "[",
        "d/[",
        "a[",
        "[]a]",
        "d//x.txt",
        "./d",
        "d/../d",
        "nothing*",
    ] {
        module(place, pattern)?;
        refused_as_by_go(place).map_err(|e| format!("{pattern}: {e}"))?;
    }
    Ok(())
}

fn zero_source(place: &Place) -> Result<(), String> {
    symlink("/dev/zero", place.path("main.go")).map_err(|e| e.to_string())?;
    let ran = place.run(place.gorace(&["check", "main.go"]))?;
    ran.is(2, &["not a regular file"])?;
    ran.within(20.0)
}

fn pipe(place: &Place, name: &str) -> Result<(), String> {
    let made = place.command("mkfifo").arg(name).status().map_err(|e| e.to_string())?;
    must(made.success(), || "no pipe".to_string())
}

fn pipe_source(place: &Place) -> Result<(), String> {
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    place.write("main.go", EMPTY)?;
    pipe(place, "other.go")?;
    let ran = place.run(place.gorace(&["check", "."]))?;
    ran.is(2, &["not a regular file"])?;
    ran.within(20.0)
}

fn odd_settings(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    symlink("/dev/zero", place.path("gorace.toml")).map_err(|e| e.to_string())?;
    place.run(place.gorace(&["check", "."]))?.is(2, &["gorace.toml", "not a regular file"])?;
    std::fs::remove_file(place.path("gorace.toml")).map_err(|e| e.to_string())?;
    pipe(place, "gorace.toml")?;
    place.run(place.gorace(&["check", "."]))?.is(2, &["gorace.toml", "not a regular file"])
}

fn odd_module(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    symlink("/dev/zero", place.path("go.mod")).map_err(|e| e.to_string())?;
    // It is none: what is here is a program without a module.
    let ran = place.run(place.gorace(&["check", "--schedules", "2", "."]))?;
    must([0, 2].contains(&ran.status), || ran.all())?;
    ran.within(30.0)
}

fn pipe_later(place: &Place) -> Result<(), String> {
    let before = "\tos.Remove(\"main.go\")\n\tsyscall.Mkfifo(\"main.go\", 0o600)";
    let ran = place.check(&racy(&["os", "syscall"], before, ""), &[])?;
    ran.finds("data-race")?;
    ran.within(60.0)
}

fn outside(place: &Place) -> Result<(), String> {
    place.write("m/go.mod", "module example.com/m\n\ngo 1.26\n")?;
    place.write("outside/x.go", "package outside\n\nfunc init() { println(\"foreign\") }\n")?;
    place.write("m/in/x.go", "package in\n")?;
    for path in ["example.com/m/../outside", "example.com/m//in", "example.com/m/./in", "example.com/m/in/"] {
        place.write("m/main.go", format!("package main\n\nimport _ \"{path}\"\n\nfunc main() {{}}\n"))?;
        let mut command = place.gorace(&["run", "."]);
        command.current_dir(place.path("m"));
        let ran = place.run(command)?;
        must(!ran.all().contains("foreign") && ran.status != 0, || format!("{path}: {}", ran.all()))?;
    }
    Ok(())
}

fn unwritable(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    let mut command = place.gorace(&["check", "--schedules", "2", "main.go"]);
    command.env("XDG_CACHE_HOME", "/proc/sys");
    let ran = place.run(command)?;
    ran.is(2, &["XDG_CACHE_HOME"])?;
    ran.within(2.0)
}

fn full_output(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    place.run(place.gorace(&["build", "main.go"]))?.is(0, &[])?;
    let mut command = place.command("sh");
    command.args(["-c", "exec \"$0\" check --schedules 2 --format sarif main.go >/dev/full"]).arg(&place.gorace);
    place.run(command)?.is(2, &["standard output"])
}

fn half_line(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"os\"\n\nfunc main() {\n\tos.Stderr.WriteString(\"half a line \")\n\tpanic(\"boom\")\n}\n";
    place.check(source, &[])?.is(1, &["error[panic]: panic: boom"])
}

fn odd_output(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    place.write("folder/x", "")?;
    place.run(place.gorace(&["check", "--output", "json=folder", "main.go"]))?.is(2, &["folder"])?;
    place.run(place.gorace(&["check", "--schedules", "2", "--output", "json=/dev/null", "main.go"]))?.is(0, &[])
}
