//! Findings again: replays that show nothing, traces and baselines from another folder and another machine. A module of `command`.

use crate::{folder, gorace, text};
use std::fs;
use std::path::Path;

const RACE: &str = "package main\n\nimport \"os\"\n\nfunc main() {\n\tn := 0\n\tdone := make(chan bool)\n\tgo func() { n++; close(done) }()\n\
    \tn++\n\t<-done\n\tif len(os.Args) < 9 {\n\t\tos.Exit(3)\n\t}\n}\n";
const CLEAN: &str = "package main\n\nfunc main() {}\n";

/// Status, standard output, standard error.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = gorace(folder, arguments).output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_replay_that_shows_nothing_says_so() {
    let folder = folder(&[("race.go", RACE), ("clean.go", CLEAN)]);
    let (status, said, errors) = run(folder.path(), &["replay", "2-1-d", "clean.go"]);
    assert_eq!((status, said.as_str()), (Some(4), ""), "{errors}");
    assert!(errors.contains("does not show any finding"), "{errors}");
    // A status that all schedules have is none of its findings.
    let (status, said, _) = run(folder.path(), &["replay", "2-1-d", "race.go"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("data-race") && !said.contains("exit-status") && !said.contains("flaky-test"), "{said}");
}

#[test]
fn traces_and_baselines_are_of_the_module() {
    let files =
        [("go.mod", "module example.com/m\n\ngo 1.26\n"), ("a/main.go", RACE), ("b/main.go", RACE), ("c/x", "")];
    let (ci, home) = (folder(&files), folder(&files));
    let at = |folder: &tempfile::TempDir, inner: &str| folder.path().join(inner);
    let check = ["check", "--schedules", "10", "--trace-dir", "traces", "--write-baseline", "known.json", "./a"];
    assert_eq!(run(ci.path(), &check).0, Some(0));
    // The same trace in another folder of another copy.
    let trace = fs::read_dir(at(&ci, "traces")).unwrap().next().unwrap().unwrap().path();
    fs::copy(&trace, at(&home, "c/t.trace")).unwrap();
    let (status, said, errors) = run(&at(&home, "c"), &["replay", "t.trace"]);
    assert_eq!(status, Some(1), "{said}{errors}");
    // The baseline, too; what it has of one program stays when another one is written.
    fs::copy(at(&ci, "known.json"), at(&home, "c/known.json")).unwrap();
    let known = ["check", "--schedules", "10", "--baseline", "known.json", "../a"];
    assert_eq!(run(&at(&home, "c"), &known).0, Some(0));
    let other = ["check", "--schedules", "10", "--write-baseline", "known.json", "../b"];
    assert_eq!(run(&at(&home, "c"), &other).0, Some(0));
    let (status, said, errors) = run(&at(&home, "c"), &known);
    assert_eq!(status, Some(0), "{said}{errors}");
    assert!(!errors.contains("did not come again"), "{errors}");
    let file = fs::read_to_string(at(&home, "c/known.json")).unwrap();
    assert!(file.contains("\"program\":\"a\"") && file.contains("\"program\":\"b\""), "{file}");
}
