//! Runs a program and compares what it prints; where asked, with what Go prints.

use std::fs;
use std::process::{Command, Stdio};

/// Runs a program and compares what it prints on standard output.
#[track_caller]
pub fn prints(program: &str, wanted: &str) {
    prints_beside(&[], program, wanted);
}

/// The same for a program with files beside it, as name and text.
#[track_caller]
pub fn prints_beside(files: &[(&str, &str)], program: &str, wanted: &str) {
    let folder = folder_of(files, program);
    let run = |command: &mut Command| {
        let output = command.current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (String::from_utf8_lossy(&output.stdout).into_owned(), errors)
    };
    let (said, errors) = run(Command::new(env!("CARGO_BIN_EXE_gorace")).args(["run", "."]));
    assert_eq!(said, wanted, "{errors}");
    if std::env::var_os("GORACE_TEST_AGAINST_GO").is_some() {
        let (said, errors) = run(Command::new("go").args(["run", "."]));
        assert_eq!(said, wanted, "Go itself: {errors}");
    }
}

pub fn folder_of(files: &[(&str, &str)], program: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module example.com/m\n\ngo 1.27\n").unwrap();
    fs::write(folder.path().join("main.go"), format!("package main\n\n{program}")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
