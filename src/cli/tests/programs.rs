//! The programs of corpus/prints: what each prints, and how it ends, with race checks and without.
//!
//! A program is NAME.go, or a module in a folder NAME; NAME.out beside it holds standard output and standard error as one stream, and behind
//! them, where the status is not 0, a line `[status N]`. What stands there is what Go prints: with `GORACE_TEST_AGAINST_GO` set, the
//! installed `go` has to print it, too.

use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/prints");
    let files = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
    let mut programs: Vec<PathBuf> = files.filter(|path| path.extension().is_none_or(|e| e == "go")).collect();
    programs.sort();
    programs
}

/// Both streams as one, and the status.
fn printed(command: &mut Command, program: &Path) -> String {
    let (folder, what) = match program.is_dir() {
        true => (program, Path::new(".")),
        false => (program.parent().unwrap(), Path::new(program.file_name().unwrap())),
    };
    let (from, to) = std::io::pipe().unwrap();
    command.arg(what).current_dir(folder).stdin(Stdio::null());
    let mut child = command.stdout(to.try_clone().unwrap()).stderr(to).spawn().unwrap();
    // The command holds the pipe's other end open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut text = std::io::read_to_string(from).unwrap();
    match child.wait().unwrap().code() {
        Some(0) => {}
        Some(status) => text += &format!("[status {status}]\n"),
        None => text += "[a signal]\n",
    }
    text
}

#[test]
fn programs_print_what_go_prints() {
    let programs = programs();
    assert!(programs.len() > 1);
    let gorace = |flags: &[&str], program: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gorace"));
        let text = printed(command.arg("run").args(flags), program);
        // `gorace run` tells a status, as `go run` does.
        match text.trim_end().rsplit_once('\n').filter(|(_, last)| last.starts_with("[status ")) {
            Some((told, status)) => match told.rsplit_once("exit status ") {
                Some((before, _)) => format!("{before}{status}\n"),
                None => text,
            },
            None => text,
        }
    };
    let wrong = programs.par_iter().flat_map(|program| {
        let wanted = std::fs::read_to_string(program.with_extension("out")).unwrap();
        let mut said =
            vec![("gorace run", gorace(&[], program)), ("gorace run --no-race", gorace(&["--no-race"], program))];
        if std::env::var_os("GORACE_TEST_AGAINST_GO").is_some() {
            // `go run` tells a status in a line of its own, and ends with 1.
            let text = printed(Command::new("go").arg("run"), program);
            said.push((
                "go run",
                match text.strip_suffix("[status 1]\n").and_then(|t| t.trim_end().rsplit_once('\n')) {
                    Some((text, last)) => format!("{text}\n[status {}]\n", last.trim_start_matches("exit status ")),
                    None => text,
                },
            ));
        }
        let differs = |(who, text): (&str, String)| {
            (text != wanted).then(|| format!("{}: {who} printed\n{text}--- wanted\n{wanted}", program.display()))
        };
        said.into_iter().filter_map(differs).collect::<Vec<_>>()
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
