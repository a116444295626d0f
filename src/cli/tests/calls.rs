//! Calling gorace as one calls the go command, and what it says of itself. The suite `ways-to-call` holds many more ways against Go;
//! here is what needs no Go beside it.

use crate::{RACE, folder, gorace, refused, text};
use std::path::Path;
use tempfile::TempDir;

const MODULE: (&str, &str) = ("go.mod", "module example.org/m\n\ngo 1.26\n");

/// A module with a program, a package and a folder that is none.
fn module() -> TempDir {
    let program =
        "package main\n\nimport \"os\"\n\nvar version = \"dev\"\n\nfunc main() { println(version, len(os.Args)) }\n";
    folder(&[
        MODULE,
        ("app/main.go", program),
        ("store/store.go", "package store\n\nfunc F() {}\n"),
        ("store/store_test.go", "package store\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F() }\n"),
        ("docs/README", ""),
    ])
}

/// Status, standard output, standard error.
fn call(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = gorace(folder, arguments).output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_cannot_be_had_is_refused_by_its_whole_name() {
    let folder = module();
    for (arguments, words) in [
        (&["run", "-msan", "./app"][..], &["-msan: ", "memory sanitizer"][..]),
        (&["test", "-fuzz", "F", "./store"], &["-fuzz: ", "does not fuzz"]),
        (&["test", "-cpuprofile=x", "./store"], &["-cpuprofile: "]),
        (&["build", "-buildmode=plugin", "./app"], &["-buildmode=plugin: "]),
        (&["build", "-gcflag", "x", "./app"], &["--gcflag"]),
        (&["run", "./app", "-C"], &[]),
        (&["run", "-tags", "a", "-C", "app", "."], &["-C flag must be first flag"]),
        (&["run", "-C", "nosuch", "."], &["chdir nosuch: no such file or directory"]),
        (&["check", "./store"], &["store.go:1:9", "not a main package", "gorace test --explore"]),
        (&["help", "poem"], &["no help for poem"]),
    ] {
        if words.is_empty() {
            assert_eq!(call(folder.path(), arguments), (Some(0), String::new(), "dev 2\n".to_string()));
            continue;
        }
        refused(&mut gorace(folder.path(), arguments), words);
    }
    refused(gorace(folder.path(), &["run", "./app"]).env("GOFLAGS", "-poem"), &["$GOFLAGS: unknown flag -poem"]);
}

#[test]
fn what_means_nothing_here_is_told_under_v() {
    let folder = module();
    let flags = ["run", "-gcflags=-N", "-a", "-race", "-race=false", "-ldflags", "-s -X main.version=two", "./app"];
    assert_eq!(call(folder.path(), &flags), (Some(0), String::new(), "two 1\n".to_string()));
    let (status, _, said) = call(folder.path(), &["run", "-v", "-gcflags=-N", "./app"]);
    assert_eq!(status, Some(0));
    assert!(said.contains("without a meaning here: -gcflags: "), "{said}");
}

#[test]
fn a_package_that_is_no_program_is_built_in_silence() {
    let folder = module();
    assert_eq!(call(folder.path(), &["build", "./store"]), (Some(0), String::new(), String::new()));
    assert_eq!(call(folder.path(), &["build", "./..."]), (Some(0), String::new(), String::new()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is written");
    refused(&mut gorace(folder.path(), &["build", "./app"]), &["\"app\" already exists and is a directory"]);
    assert_eq!(call(folder.path(), &["build", "-C", "app"]), (Some(0), String::new(), String::new()));
    let output = std::process::Command::new(folder.path().join("app/app")).arg("x").output().unwrap();
    assert_eq!(text(&output.stderr), "dev 2\n");
}

#[test]
fn tests_of_packages_that_are_there_are_run() {
    let folder = module();
    let (status, said, errors) = call(folder.path(), &["test", "./nosuch", "./store"]);
    assert_eq!(status, Some(1), "{errors}");
    assert!(said.starts_with("FAIL\t./nosuch [setup failed]\nok  \texample.org/m/store\t"), "{said}");
    assert!(said.ends_with("\nFAIL\n") && errors.contains("./nosuch: no such file"), "{said}{errors}");
    let (status, said, _) = call(folder.path(), &["test", "-c", "-o", "out/", "./store"]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    let mut own = std::process::Command::new(folder.path().join("out/store.test"));
    let output = own.arg("-test.v").current_dir(folder.path().join("store")).output().unwrap();
    assert!(text(&output.stdout).contains("--- PASS: TestF"), "{output:?}");
}

#[test]
fn a_finding_is_replayed_with_the_flags_it_was_found_with() {
    let begins = "var version = \"one\"\n\nfunc main() {\n\tif version == \"one\" {\n\t\treturn\n\t}";
    let racy = RACE.replace("\tafter()\n", "").replace("func main() {", begins);
    let folder = folder(&[MODULE, ("main.go", &racy)]);
    let (status, _, said) = call(folder.path(), &["check", "--schedules", "5"]);
    assert_eq!(status, Some(0), "{said}");
    let flags = ["check", "--schedules", "5", "-ldflags", "-X main.version=two", "--trace-dir", "traces"];
    let (status, said, errors) = call(folder.path(), &flags);
    assert_eq!(status, Some(1), "{said}{errors}");
    let token = said.split("gorace replay ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(said.contains(&format!("gorace replay {token} --ldflags '-X main.version=two' .")), "{said}");
    assert_eq!(call(folder.path(), &["replay", token, "."]).0, Some(4));
    let again = ["replay", token, "--ldflags", "-X main.version=two", "."];
    assert_eq!(call(folder.path(), &again).0, Some(1));
    let trace = std::fs::read_dir(folder.path().join("traces")).unwrap().flatten().next().unwrap().path();
    assert_eq!(call(folder.path(), &["replay", trace.to_str().unwrap()]).0, Some(1));
}

#[test]
fn what_gorace_says_of_itself() {
    let folder = module();
    let (status, said, _) = call(folder.path(), &["version"]);
    assert!(status == Some(0) && said.starts_with("gorace 0.") && said.contains("\nGo 1.2"), "{said}");
    let mut env = gorace(folder.path(), &["env", "GOFLAGS", "GOVERSION"]);
    let output = env.env("GOFLAGS", "-tags=x").output().unwrap();
    assert!(text(&output.stdout).starts_with("-tags=x\ngo1.2"), "{output:?}");
    for (what, words) in [
        ("check", "Examples:"),
        ("test", "--explore"),
        ("flags", "-gcflags"),
        ("exit-codes", "66"),
        ("data-race", "data-race"),
        ("programs", "./..."),
    ] {
        let (status, said, _) = call(folder.path(), &["help", what]);
        assert!(status == Some(0) && said.contains(words), "{what}: {said}");
    }
}
