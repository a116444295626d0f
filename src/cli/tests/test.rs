//! `gorace test` from outside: what it prints of packages that pass, fail, race, do not compile or have no tests, and its
//! flags. Times are taken out before outputs are compared.
//!
//! Runs the built binary, each test in a module of its own.

mod explore;
mod leaks;

use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const MODULE: &str = "module example.com/m\n\ngo 1.25\n";
const PASSES: &str = "package a\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestData(t *testing.T) {\n\
                      \tif _, err := os.ReadFile(\"testdata/x\"); err != nil {\n\t\tt.Fatal(err)\n\t}\n}\n\
                      func TestSkipped(t *testing.T) { t.Skip(\"not today\") }\n";
const FAILS: &str = "package b\n\nimport \"testing\"\n\nfunc TestNo(t *testing.T) { t.Error(\"no\") }\n";
const RACES: &str = "package c\n\nimport (\n\t\"sync\"\n\t\"testing\"\n)\n\nfunc TestRace(t *testing.T) {\n\tvar n int\n\
                     \tvar wg sync.WaitGroup\n\twg.Go(func() { n++ })\n\tn++\n\twg.Wait()\n}\n\
                     func TestClean(t *testing.T) {}\n";

/// A module with files, as `NAME`, `text` pairs.
fn module(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("go.mod", MODULE)].iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Status, standard output without times, standard error.
fn test(module: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gorace"));
    let output = command.arg("test").args(arguments).current_dir(module.path()).stdin(Stdio::null()).output().unwrap();
    let times = regex::Regex::new(r"\d+\.\d+s").unwrap();
    let said = times.replace_all(&String::from_utf8_lossy(&output.stdout), "0.0s").into_owned();
    (output.status.code(), said, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn packages_in_their_order() {
    let module = module(&[
        ("a/a_test.go", PASSES),
        ("a/testdata/x", ""),
        ("b/b_test.go", FAILS),
        ("d/d.go", "package d\n"),
        ("e/e.go", "package e\n\nfunc f() { x }\n"),
    ]);
    let (status, said, errors) = test(&module, &["./..."]);
    let wanted = "ok  \texample.com/m/a\t0.0s\n--- FAIL: TestNo (0.0s)\n    b_test.go:5: no\nFAIL\nFAIL\texample.com/m/b\t0.0s\n\
                  ?   \texample.com/m/d\t[no test files]\nFAIL\texample.com/m/e [build failed]\nFAIL\n";
    assert_eq!((status, said.as_str()), (Some(1), wanted), "{errors}");
    assert_eq!(errors, "# example.com/m/e\ne/e.go:3:12: undefined: x\n");
}

#[test]
fn a_package_that_cannot_be_set_up_does_not_stop_the_others() {
    let module = module(&[
        ("a/a_test.go", PASSES),
        ("a/testdata/x", ""),
        ("above/a.go", "package above\n\nimport _ \"example.com/m/bad\"\n"),
        ("above/a_test.go", "package above\n\nimport \"testing\"\n\nfunc TestAbove(t *testing.T) {}\n"),
        ("bad/b.go", "package bad\n\nimport _ \"nosuch.example/x\"\n"),
        (
            "good/g_test.go",
            "package good\n\nimport (\n\t_ \"nosuch.example/x\"\n\t\"testing\"\n)\n\nfunc TestGood(t *testing.T) {}\n",
        ),
        ("two/a.go", "package one\n"),
        ("two/b.go", "package two\n"),
    ]);
    let (status, said, errors) = test(&module, &["./..."]);
    let failed = |name: &str| format!("FAIL\texample.com/m/{name} [setup failed]\n");
    let wanted = ["above", "bad", "good", "two"].map(failed).concat();
    assert_eq!((status, said), (Some(1), format!("{wanted}ok  \texample.com/m/a\t0.0s\nFAIL\n")), "{errors}");
    let missing = "no required module provides package nosuch.example/x; to add it:\n\tgo get nosuch.example/x\n";
    let above = format!("# example.com/m/above\nbad/b.go:3:8: {missing}# example.com/m/bad\nbad/b.go:3:8: {missing}");
    assert!(errors.starts_with(&format!("{above}# example.com/m/good\ngood/g_test.go:4:2: {missing}")), "{errors}");
    assert!(errors.contains("found packages one (a.go) and two (b.go)"), "{errors}");
    let (status, said, _) = test(&module, &["./good"]);
    assert_eq!((status, said.as_str()), (Some(1), "FAIL\texample.com/m/good [setup failed]\nFAIL\n"));
}

#[test]
fn one_package_that_passes() {
    let module = module(&[("a_test.go", PASSES), ("testdata/x", "")]);
    let (status, said, _) = test(&module, &[]);
    assert_eq!((status, said.as_str()), (Some(0), "PASS\nok  \texample.com/m\t0.0s\n"));
    let (status, said, _) = test(&module, &["-v", "-run", "Skipped", "."]);
    let wanted = "=== RUN   TestSkipped\n    a_test.go:13: not today\n--- SKIP: TestSkipped (0.0s)\nPASS\nok  \texample.com/m\t0.0s\n";
    assert_eq!((status, said.as_str()), (Some(0), wanted));
    let (status, said, _) = test(&module, &["-run=Nothing", "."]);
    assert_eq!((status, said.as_str()), (Some(0), "ok  \texample.com/m\t0.0s [no tests to run]\n"));
    let (status, said, _) = test(&module, &["-list", ".", "-count=1", "."]);
    assert_eq!((status, said.as_str()), (Some(0), "TestData\nTestSkipped\nok  \texample.com/m\t0.0s\n"));
}

#[test]
fn the_test_that_raced_fails() {
    let module = module(&[("c/c_test.go", RACES)]);
    let (status, said, _) = test(&module, &["-race", "./c"]);
    assert_eq!(status, Some(1), "{said}");
    let place = format!("{}/c/c_test.go:11", fs::canonicalize(module.path()).unwrap().display());
    for words in
        ["WARNING: DATA RACE", &place, "--- FAIL: TestRace", "race detected during execution of test", "FAIL\n"]
    {
        assert!(said.contains(words), "{words:?} is not said in:\n{said}");
    }
    assert!(!said.contains("TestClean"), "{said}");
    let (status, said, _) = test(&module, &["--no-race", "./c"]);
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn events_as_json() {
    let module =
        module(&[("b/b_test.go", FAILS), ("d/d.go", "package d\n"), ("e/e.go", "package e\n\nvar x int = \"\"\n")]);
    let (status, said, errors) = test(&module, &["-json", "./..."]);
    assert_eq!((status, errors.as_str()), (Some(1), ""));
    let events: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |package: &str| -> Vec<String> {
        let events = events.iter().filter(|e| e["Package"] == package && e["Action"] != "output");
        events.map(|e| format!("{} {}", e["Action"].as_str().unwrap(), e["Test"].as_str().unwrap_or("-"))).collect()
    };
    assert_eq!(of("example.com/m/b"), ["start -", "run TestNo", "fail TestNo", "fail -"]);
    assert_eq!(of("example.com/m/d"), ["start -", "skip -"]);
    assert_eq!(of("example.com/m/e"), ["start -", "fail -"]);
    assert!(events.iter().any(|e| e["FailedBuild"] == "example.com/m/e"));
    assert!(events.iter().any(|e| e["Action"] == "build-fail" && e["ImportPath"] == "example.com/m/e"));
}

#[test]
fn a_test_finds_itself_and_its_arguments() {
    let text = "package a\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n\t\"testing\"\n)\n\nfunc TestSelf(t *testing.T) {\n\
                \tself, err := os.Executable()\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\
                \tout, err := exec.Command(self, \"-test.list=.\").CombinedOutput()\n\
                \tt.Logf(\"%v %s %v\", os.Args[len(os.Args)-1], out, err)\n}\n";
    let module = module(&[("a_test.go", text)]);
    let (status, said, _) = test(&module, &["-v", ".", "-args", "-last"]);
    // The program knows no flag of this name.
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("flag provided but not defined: -last"), "{said}");
    let (status, said, _) = test(&module, &["-v", ".", "-args", "last"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("a_test.go:15: last TestSelf"), "{said}");
}

#[test]
fn a_test_that_never_ends() {
    let text = "package a\n\nimport (\n\t\"testing\"\n\t\"time\"\n)\n\nfunc TestLong(t *testing.T) { time.Sleep(time.Hour) }\n";
    let module = module(&[("a_test.go", text)]);
    let (status, said, _) = test(&module, &["-timeout", "200ms", "."]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("panic: test timed out after 200ms") && said.contains("TestLong"), "{said}");
}

#[test]
fn wrong_flags_and_names() {
    let module = module(&[("a_test.go", PASSES)]);
    for (arguments, words) in [(&["-timeout=soon"][..], "-timeout: invalid duration \"soon\""), (&["-msan"], "-msan")] {
        let (status, said, errors) = test(&module, arguments);
        assert_eq!((status, said.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains(words), "{errors}");
    }
    let (status, said, errors) = test(&module, &["./gone"]);
    assert_eq!((status, said.as_str()), (Some(1), "FAIL\t./gone [setup failed]\nFAIL\n"), "{errors}");
    assert!(errors.contains("gone: no such file or directory"), "{errors}");
    // The test program may have flags of its own, and says so of those that it has not.
    let (status, said, errors) = test(&module, &["-nonsense"]);
    assert_eq!(status, Some(1), "{said}{errors}");
    assert!(said.contains("flag provided but not defined: -nonsense"), "{said}{errors}");
}

#[test]
fn bubbles_have_their_own_time() {
    let text = r#"package a

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		t.Log(start.UTC())
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		var wg sync.WaitGroup
		var ticks atomic.Int32
		wg.Go(func() {
			ticker := time.NewTicker(time.Hour)
			defer ticker.Stop()
			for {
				select {
				case <-ticker.C:
					ticks.Add(1)
				case <-ctx.Done():
					return
				}
			}
		})
		time.Sleep(3*time.Hour + time.Minute)
		synctest.Wait()
		t.Log(ticks.Load(), time.Since(start), ctx.Err())
		wg.Wait()
		t.Log(time.Since(start), ctx.Err())
		fired := false
		time.AfterFunc(0, func() { fired = true })
		synctest.Wait()
		t.Log(fired)
	})
}

func TestDeadlock(t *testing.T) {
	defer func() { t.Log(recover()) }()
	synctest.Test(t, func(t *testing.T) { <-make(chan int) })
}

func TestRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		go func() { n++ }()
		time.Sleep(1)
		n++
		synctest.Wait()
	})
}
"#;
    let folder = module(&[("a/a_test.go", text)]);
    let (status, said, errors) = test(&folder, &["-v", "./..."]);
    assert_eq!(status, Some(1), "{said}{errors}");
    for wanted in [
        "2000-01-01 00:00:00 +0000 UTC",
        "3 3h1m0s <nil>",
        "24h0m0s context deadline exceeded",
        ": true",
        "deadlock: all goroutines in bubble are blocked",
        "--- PASS: TestTime",
        "--- PASS: TestDeadlock",
        "WARNING: DATA RACE",
        "--- FAIL: TestRace",
    ] {
        assert!(said.contains(wanted) || errors.contains(wanted), "{wanted}: {said}{errors}");
    }
}
