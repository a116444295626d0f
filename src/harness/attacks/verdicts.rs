//! Attacks that want a check to say that nothing was found.

use super::Harm::{Breaks, HidesFinding};
use super::{Place, Trial, must, racy};

pub const TRIALS: &[Trial] = &[
    Trial { name: "F1", what: "TMPDIR is on a full disk", harm: HidesFinding, run: full_disk },
    Trial { name: "F1 gone", what: "TMPDIR is no folder", harm: HidesFinding, run: no_folder },
    Trial { name: "F11", what: "the program closes all descriptors", harm: HidesFinding, run: closes },
    Trial {
        name: "F11 reopens",
        what: "it closes them and opens others in their places",
        harm: HidesFinding,
        run: reopens,
    },
    Trial { name: "F12", what: "it writes bytes that are no text to all descriptors", harm: HidesFinding, run: writes },
    Trial { name: "F12 late", what: "it writes to them after the race", harm: HidesFinding, run: writes_late },
    Trial { name: "F13", what: "it truncates and removes all files in TMPDIR", harm: HidesFinding, run: removes },
    Trial { name: "F13 parent", what: "it empties the folder that TMPDIR is in", harm: HidesFinding, run: empties },
    Trial { name: "F14 killed", what: "each schedule kills itself", harm: HidesFinding, run: all_killed },
    Trial { name: "F14 one", what: "some schedules kill themselves", harm: HidesFinding, run: some_killed },
    Trial { name: "F14 late", what: "it kills itself after the race", harm: HidesFinding, run: killed_late },
    Trial { name: "F14 time", what: "no schedule ends", harm: HidesFinding, run: endless },
    Trial { name: "F14 memory", what: "each schedule takes too much memory", harm: HidesFinding, run: hungry },
    Trial { name: "exec", what: "the program replaces itself by another", harm: HidesFinding, run: replaces },
    Trial { name: "formats", what: "every format says that schedules were not seen", harm: HidesFinding, run: formats },
    Trial { name: "supervisor", what: "the program kills its parent", harm: HidesFinding, run: kills_parent },
    Trial { name: "memory", what: "it writes all over the memory that is shared", harm: HidesFinding, run: scribbles },
    Trial { name: "status", what: "it ends with gorace's own status of a time-out", harm: Breaks, run: status_124 },
    Trial { name: "not started", what: "it ends as if it could not be started", harm: Breaks, run: status_125 },
    Trial { name: "pattern", what: "check ./... with several programs", harm: HidesFinding, run: pattern },
    Trial {
        name: "run pattern",
        what: "run and replay ./... with several programs",
        harm: HidesFinding,
        run: run_pattern,
    },
    Trial { name: "test time", what: "tests that never end under --explore", harm: HidesFinding, run: endless_test },
    Trial { name: "test memory", what: "tests beyond --memory under --explore", harm: HidesFinding, run: hungry_test },
    Trial {
        name: "empty report",
        what: "a file of a report that could not be made",
        harm: HidesFinding,
        run: empty_report,
    },
    Trial { name: "port", what: "schedules beside each other want one port", harm: Breaks, run: port },
    Trial { name: "temporary file", what: "they want one name in TMPDIR", harm: Breaks, run: temporary_file },
    Trial {
        name: "own panic",
        what: "a panic that is the schedule's own stays a finding",
        harm: HidesFinding,
        run: own_panic,
    },
];

fn full_disk(place: &Place) -> Result<(), String> {
    let full = place.path("full");
    std::fs::create_dir(&full).map_err(|e| e.to_string())?;
    // In a mount namespace of its own a user may mount a small disk, where the system lets one.
    let script = "mount -t tmpfs -o size=4k,nr_inodes=2 none full && head -c 100000 /dev/zero >full/x 2>/dev/null; \
                  TMPDIR=$PWD/full exec \"$0\" check --schedules 4 main.go";
    place.write("main.go", racy(&[], "", ""))?;
    let mut command = place.command("unshare");
    command.args(["-Urm", "sh", "-c", script]).arg(&place.gorace);
    let ran = place.run(command)?;
    ran.finds("data-race")
}

fn no_folder(place: &Place) -> Result<(), String> {
    place.write("main.go", racy(&[], "", ""))?;
    let mut command = place.gorace(&["check", "--schedules", "4", "main.go"]);
    command.env("TMPDIR", "/nonexistent/folder");
    place.run(command)?.finds("data-race")
}

fn closes(place: &Place) -> Result<(), String> {
    let before = "\tfor fd := 0; fd < 4096; fd++ {\n\t\tsyscall.Close(fd)\n\t}";
    place.check(&racy(&["syscall"], before, ""), &[])?.finds("data-race")
}

fn reopens(place: &Place) -> Result<(), String> {
    let before = "\tfor fd := 0; fd < 64; fd++ {\n\t\tsyscall.Close(fd)\n\t}\n\tfor range 64 {\n\t\tsyscall.Open(\"/dev/null\", syscall.O_RDWR, 0)\n\t}";
    place.check(&racy(&["syscall"], before, ""), &[])?.finds("data-race")
}

const WRITES: &str = "\tfor fd := 0; fd < 64; fd++ {\n\t\tif fd != 2 {\n\t\t\tsyscall.Write(fd, []byte(\"\\xff\\xfe{]\\n\\x00\"))\n\t\t\tsyscall.Ftruncate(fd, 0)\n\t\t\tsyscall.Pwrite(fd, []byte(\"\\xff\"), 0)\n\t\t}\n\t}";

fn writes(place: &Place) -> Result<(), String> {
    place.check(&racy(&["syscall"], WRITES, ""), &[])?.finds("data-race")
}

fn writes_late(place: &Place) -> Result<(), String> {
    place.check(&racy(&["syscall"], "", WRITES), &[])?.finds("data-race")
}

fn removing(folder: &str) -> String {
    let after = format!(
        "\tfolder := {folder}\n\tentries, _ := os.ReadDir(folder)\n\tfor _, e := range entries {{\n\t\tos.Truncate(folder+\"/\"+e.Name(), 0)\n\t\tos.RemoveAll(folder + \"/\" + e.Name())\n\t}}"
    );
    racy(&["os", "path/filepath"], "\t_ = filepath.Dir", &after)
}

fn removes(place: &Place) -> Result<(), String> {
    in_own_folder(place, &removing("os.TempDir()"))
}

fn empties(place: &Place) -> Result<(), String> {
    in_own_folder(place, &removing("filepath.Dir(os.TempDir())"))
}

/// Checks with a folder for temporary files that nobody else has.
fn in_own_folder(place: &Place, source: &str) -> Result<(), String> {
    place.write("tmp/x", "")?;
    place.write("main.go", source)?;
    let mut command = place.gorace(&["check", "--schedules", "8", "main.go"]);
    command.env("TMPDIR", place.path("tmp"));
    place.run(command)?.finds("data-race")
}

const KILL: &str =
    "package main\n\nimport \"syscall\"\n\nfunc main() { syscall.Kill(syscall.Getpid(), syscall.SIGKILL) }\n";

/// Neither "no findings" nor a good end.
fn is_unseen(ran: &super::Ran, words: &[&str]) -> Result<(), String> {
    ran.is(3, words)?;
    must(!ran.all().contains("no findings"), || format!("it says that there are none:\n{}", ran.all()))
}

fn all_killed(place: &Place) -> Result<(), String> {
    is_unseen(&place.check(KILL, &[])?, &["4 of 4 schedules were not seen through"])
}

fn some_killed(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport (\n\t\"os\"\n\t\"syscall\"\n)\n\nfunc main() {\n\tc := make(chan int, 2)\n\tgo func() { c <- 1 }()\n\tgo func() { c <- 2 }()\n\tif <-c == 2 {\n\t\tsyscall.Kill(os.Getpid(), syscall.SIGKILL)\n\t}\n\t<-c\n}\n";
    is_unseen(&place.check(source, &["--schedules", "30"])?, &["died of a signal"])
}

fn killed_late(place: &Place) -> Result<(), String> {
    let after = "\tsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)";
    place.check(&racy(&["syscall"], "", after), &[])?.finds("data-race")
}

const ENDLESS: &str = "package main\n\nfunc main() {\n\tfor {\n\t}\n}\n";

fn endless(place: &Place) -> Result<(), String> {
    let ran = place.check(ENDLESS, &["--timeout", "0.5"])?;
    is_unseen(&ran, &["did not end within 0.5 s"])?;
    ran.within(20.0)
}

const HUNGRY: &str = "package main\n\nvar kept [][]byte\n\nfunc main() {\n\tfor {\n\t\tb := make([]byte, 1<<20)\n\t\tfor i := range b {\n\t\t\tb[i] = 1\n\t\t}\n\t\tkept = append(kept, b)\n\t}\n}\n";

fn hungry(place: &Place) -> Result<(), String> {
    is_unseen(&place.check(HUNGRY, &["--memory", "100", "--schedules", "2"])?, &["held more than 100 MB"])
}

fn replaces(place: &Place) -> Result<(), String> {
    let source =
        "package main\n\nimport \"syscall\"\n\nfunc main() { syscall.Exec(\"/bin/true\", []string{\"true\"}, nil) }\n";
    is_unseen(&place.check(source, &[])?, &["4 of 4 schedules were not seen through"])
}

fn formats(place: &Place) -> Result<(), String> {
    place.write("main.go", KILL)?;
    for format in ["text", "go", "short", "json", "sarif", "github", "rdjson", "html"] {
        let output = format!("{format}=report");
        let command = place.gorace(&["check", "--schedules", "2", "--format", format, "--output", &output, "main.go"]);
        is_unseen(&place.run(command)?, &["2 of 2 schedules were not seen through"])?;
        let report = std::fs::read_to_string(place.path("report")).map_err(|e| e.to_string())?;
        must(report.contains("2 schedules died of a signal"), || format!("{format}: {report}"))?;
    }
    Ok(())
}

fn kills_parent(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"syscall\"\n\nfunc main() {\n\tsyscall.Kill(syscall.Getppid(), syscall.SIGKILL)\n\tfor {\n\t}\n}\n";
    let ran = place.check(source, &["--timeout", "5"])?;
    is_unseen(&ran, &["were not seen through"])?;
    ran.within(30.0)
}

fn scribbles(place: &Place) -> Result<(), String> {
    let after = "\tmaps, _ := os.ReadFile(\"/proc/self/maps\")\n\tfor _, line := range strings.Split(string(maps), \"\\n\") {\n\t\tif !strings.Contains(line, \"memfd\") {\n\t\t\tcontinue\n\t\t}\n\t\tvar from, to uintptr\n\t\tfmt.Sscanf(line, \"%x-%x\", &from, &to)\n\t\tsyscall.Syscall(syscall.SYS_MPROTECT, from, to-from, 3)\n\t\tfor at := from; at < from+1<<20 && at < to; at++ {\n\t\t\t*(*byte)(unsafe.Pointer(at)) = 0xff\n\t\t}\n\t}\n\tsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)";
    let ran = place.check(&racy(&["fmt", "os", "strings", "syscall", "unsafe"], "", after), &[])?;
    // The checks of memory that is not the program's end it in the middle; what was found until then is there.
    if ran.status == 1 { ran.finds("data-race") } else { is_unseen(&ran, &["were not seen through"]) }
}

fn status_124(place: &Place) -> Result<(), String> {
    let ran = place.check("package main\n\nimport \"os\"\n\nfunc main() { os.Exit(124) }\n", &[])?;
    must(!ran.all().contains("--timeout"), || ran.all())
}

fn status_125(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"os\"\n\nfunc main() {\n\tprintln(\"gorace: no\")\n\tos.Exit(125)\n}\n";
    let ran = place.check(source, &[])?;
    must(!ran.all().contains("cannot run a schedule"), || ran.all())
}

fn module(place: &Place) -> Result<(), String> {
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    place.write("cmd/a/main.go", "package main\n\nfunc main() {}\n")?;
    place.write("cmd/b/main.go", racy(&[], "", ""))?;
    place.write("lib/lib.go", "package lib\n")?;
    Ok(())
}

fn pattern(place: &Place) -> Result<(), String> {
    module(place)?;
    let ran = place.run(place.gorace(&["check", "--schedules", "4", "./..."]))?;
    ran.is(1, &["[data-race]", "# example.com/m/cmd/a", "# example.com/m/cmd/b", "no findings in 1 schedule"])?;
    let ran = place.run(place.gorace(&["check", "--schedules", "4", "--output", "sarif=x.sarif", "./lib/..."]))?;
    ran.is(2, &["none of them a program"])?;
    must(!place.path("x.sarif").exists(), || "an empty report is left".to_string())
}

fn run_pattern(place: &Place) -> Result<(), String> {
    module(place)?;
    for command in [&["run", "./..."][..], &["replay", "2-1-d", "./..."]] {
        place.run(place.gorace(command))?.is(2, &["example.com/m/cmd/a", "example.com/m/cmd/b"])?;
    }
    Ok(())
}

fn endless_test(place: &Place) -> Result<(), String> {
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    let source = "package m\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {\n\tfor {\n\t}\n}\n";
    place.write("m_test.go", source)?;
    let ran = place.run(place.gorace(&["test", "--explore", "--schedules", "2", "-timeout", "500ms", "."]))?;
    ran.is(1, &["--- FAIL: TestX", "2 not ended in time"])?;
    ran.within(85.0)
}

fn hungry_test(place: &Place) -> Result<(), String> {
    place.write("go.mod", "module example.com/m\n\ngo 1.26\n")?;
    let source = HUNGRY
        .replace("package main\n", "package m\n\nimport \"testing\"\n")
        .replace("func main()", "func TestX(t *testing.T)");
    place.write("m_test.go", source)?;
    let ran = place.run(place.gorace(&["test", "--explore", "--schedules", "2", "--memory", "100", "."]))?;
    ran.is(1, &["--- FAIL: TestX", "out of memory"])
}

fn port(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport \"net\"\n\nfunc main() {\n\tl, err := net.Listen(\"tcp\", \"127.0.0.1:39127\")\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tfor i := range 50_000_000 {\n\t\t_ = i\n\t}\n\tl.Close()\n}\n";
    place.check(source, &["--schedules", "12"])?.is(0, &["no findings"])
}

fn temporary_file(place: &Place) -> Result<(), String> {
    let source = "package main\n\nimport (\n\t\"os\"\n\t\"path/filepath\"\n)\n\nfunc main() {\n\tname := filepath.Join(os.TempDir(), \"one-name\")\n\tf, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o600)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tf.Close()\n\tfor i := range 50_000_000 {\n\t\t_ = i\n\t}\n}\n";
    place.check(source, &["--schedules", "12"])?.is(0, &["no findings in 12 schedules"])
}

fn own_panic(place: &Place) -> Result<(), String> {
    let source = "package main\n\nfunc main() {\n\tc := make(chan int, 2)\n\tgo func() { c <- 1 }()\n\tgo func() { c <- 2 }()\n\tif <-c == 2 {\n\t\tpanic(\"two\")\n\t}\n\t<-c\n}\n";
    place.check(source, &["--schedules", "30"])?.finds("panic")
}

fn empty_report(place: &Place) -> Result<(), String> {
    place.write("main.go", "package main\n\nfunc main() { undefined() }\n")?;
    place.run(place.gorace(&["check", "--output", "sarif=x.sarif", "main.go"]))?.is(2, &["undefined"])?;
    must(!place.path("x.sarif").exists(), || "an empty report is left".to_string())
}
