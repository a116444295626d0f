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
    let ended = child.wait().unwrap();
    // `go run` tells the program's status in a line of its own, and ends with 1 then; `gorace run` tells it, too.
    let lines = text
        .trim_end_matches('\n')
        .rsplit_once('\n')
        .map_or((String::new(), text.clone()), |(before, last)| (format!("{before}\n"), last.to_string()));
    if let Some(status) = lines.1.trim_end().strip_prefix("exit status ") {
        return format!("{}[status {status}]\n", lines.0);
    }
    match ended.code() {
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
        printed(command.arg("run").args(flags), program)
    };
    let wrong = programs.par_iter().flat_map(|program| {
        let wanted = std::fs::read_to_string(program.with_extension("out")).unwrap();
        let mut said =
            vec![("gorace run", gorace(&[], program)), ("gorace run --no-race", gorace(&["--no-race"], program))];
        if std::env::var_os("GORACE_TEST_AGAINST_GO").is_some() {
            said.push(("go run", printed(Command::new("go").arg("run"), program)));
        }
        let differs = |(who, text): (&str, String)| {
            (text != wanted).then(|| format!("{}: {who} printed\n{text}--- wanted\n{wanted}", program.display()))
        };
        said.into_iter().filter_map(differs).collect::<Vec<_>>()
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
