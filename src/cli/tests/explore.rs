//! `gorace test --explore` from outside: each test by itself, with the formats, the configuration, the baselines and the limits of
//! `gorace check`, and its findings replayed by token and by trace. A module of the tests of `gorace test`.

use crate::{PASSES, module, test};
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const EXPLORED: &str = r#"package p

import (
	"os"
	"sync/atomic"
	"testing"
)

func TestClean(t *testing.T) {
	if _, err := os.ReadFile("testdata/x"); err != nil {
		t.Fatal(err)
	}
}

// Fails only where the goroutine comes between the two.
func TestLucky(t *testing.T) {
	var n atomic.Int32
	done := make(chan bool)
	go func() {
		n.Store(1)
		close(done)
	}()
	first := n.Load()
	if second := n.Load(); first != second {
		t.Error("changed under my eyes")
	}
	<-done
}

func TestLeak(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }()
}
"#;

/// A test with two parts, of which one races; the arguments say whether the other one does.
const PARTS: &str = r#"package p

import (
	"flag"
	"sync"
	"testing"
)

func race() {
	var n int
	var wg sync.WaitGroup
	wg.Go(func() { n++ })
	n++
	wg.Wait()
}

func TestParts(t *testing.T) {
	t.Run("first", func(t *testing.T) { race() })
	t.Run("second", func(t *testing.T) {
		if !testing.Short() && flag.Arg(0) == "both" {
			race()
		}
	})
}
"#;

/// Runs another command in the module; gives status, standard output, standard error.
fn gorace(module: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gorace"));
    let output = command.args(arguments).current_dir(module.path()).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The words of a command as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let output = Command::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_string).collect()
}

/// The `gorace …` command that a text names.
fn replay_of(text: &str) -> Vec<String> {
    let line = text.lines().find_map(|l| l.trim().strip_prefix("= `gorace replay ")?.strip_suffix("` shows it again"));
    let line = line.unwrap_or_else(|| panic!("no command in\n{text}"));
    words(&format!("replay {line}"))
}

fn replayed(module: &TempDir, command: &[String], more: &[&str]) -> (Option<i32>, String, String) {
    let (first, rest) = command.split_first().unwrap();
    let mut all = vec![first.as_str()];
    all.extend(more);
    all.extend(rest.iter().map(String::as_str));
    gorace(module, &all)
}

#[test]
fn each_test_is_explored_by_itself() {
    let module =
        module(&[("p/p_test.go", EXPLORED), ("p/testdata/x", ""), ("a/a_test.go", PASSES), ("a/testdata/x", "")]);
    let (status, said, errors) = test(&module, &["--explore", "--schedules", "60", "-v", "./..."]);
    assert_eq!(status, Some(1), "{said}{errors}");
    for words in [
        "--- PASS: TestData (60 schedules, 0.0s)",
        "--- PASS: TestSkipped (2 schedules, every order of its synchronisation, 0.0s)",
        "ok  \texample.com/m/a\t0.0s",
        "--- PASS: TestClean (60 schedules, 0.0s)",
        "error[flaky-test]: TestLucky fails in some schedules, not in all\n  --> p/p_test.go:25:10",
        "changed under my eyes",
        "error[goroutine-leak]: TestLeak leaves goroutine",
        "  = in TestLeak of example.com/m/p\n",
        "`gorace replay --test TestLeak 2-1-d example.com/m/p` shows it again",
        "--- FAIL: TestLeak (1 finding, ",
        "FAIL\texample.com/m/p\t0.0s",
    ] {
        assert!(said.contains(words), "{words:?} is not in\n{said}{errors}");
    }
    assert!(said.contains("--- FAIL: TestLucky (1 finding, ends badly in "), "{said}");
    assert!(errors.contains("2 findings in 5 tests, "), "{errors}");
    let (status, said, errors) = test(&module, &["--explore", "--schedules", "5", "-run", "Clean|Data", "./..."]);
    assert_eq!(
        (status, said.as_str()),
        (Some(0), "ok  \texample.com/m/a\t0.0s\nok  \texample.com/m/p\t0.0s\n"),
        "{errors}"
    );
}

/// Each of them is right by itself.
const TOGETHER: &str = r#"package p

import "testing"

var last string

func TestOne(t *testing.T) {
	t.Parallel()
	last = "one"
}

func TestTwo(t *testing.T) {
	t.Parallel()
	last = "two"
}

func TestAlone(t *testing.T) { last = "alone" }
"#;

#[test]
fn what_shows_between_parallel_tests_is_found() {
    let module = module(&[("p/p_test.go", TOGETHER)]);
    let (status, said, errors) = test(&module, &["--explore", "--schedules", "20", "-v", "./..."]);
    assert_eq!(status, Some(1), "{said}{errors}");
    for words in [
        "--- PASS: TestOne (20 schedules, 0.0s)",
        "--- PASS: TestAlone (2 schedules, every order of its synchronisation, 0.0s)",
        "error[data-race]: write of example.com/m/p.last by goroutine",
        "  = in TestOne|TestTwo of example.com/m/p\n",
        "--- FAIL: TestOne|TestTwo (1 finding, 20 schedules, 0.0s)",
    ] {
        assert!(said.contains(words), "{words:?} is not in\n{said}{errors}");
    }
    assert!(errors.contains("1 finding in 3 tests, 62 schedules"), "{errors}");
    let (status, again, errors) = replayed(&module, &replay_of(&said), &[]);
    assert_eq!(status, Some(1), "{again}{errors}");
    assert!(again.contains("write of example.com/m/p.last by goroutine"), "{again}{errors}");
    // Twins: a lock around it; one test alone.
    let locked = TOGETHER.replace("last = \"", "mu.Lock(); defer mu.Unlock(); last = \"");
    let locked = locked.replace("import \"testing\"", "import (\n\t\"sync\"\n\t\"testing\"\n)\n\nvar mu sync.Mutex");
    fs::write(module.path().join("p/p_test.go"), locked).unwrap();
    let (status, said, errors) = test(&module, &["--explore", "--schedules", "20", "./..."]);
    assert_eq!(status, Some(0), "{said}{errors}");
}

#[test]
fn machines_get_the_findings_alone() {
    let module = module(&[("p/p_test.go", EXPLORED), ("p/testdata/x", "")]);
    let outputs = ["--output", "sarif=a.sarif", "--output", "text=a.txt", "--output", "short=a.short"];
    let arguments = [&["--explore", "--schedules", "40", "--format", "json"][..], &outputs, &["./p"]].concat();
    let (status, said, errors) = test(&module, &arguments);
    assert_eq!(status, Some(1), "{errors}");
    let findings: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named: Vec<(&str, &str)> =
        findings.iter().map(|f| (f["rule"].as_str().unwrap(), f["test"]["name"].as_str().unwrap())).collect();
    assert_eq!(named, [("flaky-test", "TestLucky"), ("goroutine-leak", "TestLeak")]);
    assert!(findings.iter().all(|f| f["test"]["package"] == "example.com/m/p"), "{said}");
    assert!(errors.contains("--- FAIL: TestLeak") && errors.contains("FAIL\texample.com/m/p"), "{errors}");
    let read = |name: &str| fs::read_to_string(module.path().join(name)).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&read("a.sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][1];
    assert_eq!(
        (&result["properties"]["test"], &result["properties"]["package"]),
        (&"TestLeak".into(), &"example.com/m/p".into())
    );
    assert!(read("a.txt").contains("in TestLeak of example.com/m/p"));
    assert!(read("a.short").contains(" in TestLeak [goroutine-leak]"));
    // In every other format, too, standard output holds the report and nothing else.
    let (_, page, _) = test(&module, &["--explore", "--schedules", "2", "-run", "Leak", "--format", "html", "./p"]);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
    let (_, said, _) = test(&module, &["--explore", "--schedules", "2", "-run", "Leak", "--color", "always", "./p"]);
    assert!(said.contains("\u{1b}["), "{said}");
}

/// Live code without race checks has the processor's atomics; what is explored does not, or schedules would be lost.
#[test]
fn atomic_operations_are_points_without_race_checks_too() {
    let test = r#"package p

import (
	"sync/atomic"
	"testing"
)

func TestTurn(t *testing.T) {
	var turn atomic.Int32
	done := make(chan bool, 2)
	go func() { turn.Store(1); turn.Store(2); done <- true }()
	go func() {
		if turn.Load() == 1 {
			select {}
		}
		done <- true
	}()
	<-done
	<-done
}
"#;
    let module = module(&[("p/p_test.go", test)]);
    for more in [&[][..], &["--no-race"]] {
        let (status, said, errors) = gorace(&module, &[&["test", "--explore"], more, &["./p"]].concat());
        assert_eq!(status, Some(1), "{more:?}: {said}{errors}");
        assert!(said.contains("deadlock"), "{more:?}: {said}{errors}");
    }
    assert_eq!(gorace(&module, &["test", "--no-race", "-count", "3", "./p"]).0, Some(0));
}

#[test]
fn findings_are_replayed_byte_for_byte() {
    let module = module(&[
        ("p/p_test.go", EXPLORED),
        ("p/testdata/x", ""),
        ("gorace.toml", "[severity]\ngoroutine-leak = \"warning\"\n"),
    ]);
    // As in a check, a warning alone is no failure.
    for (name, expected) in [("TestLeak", 0), ("TestLucky", 1)] {
        let run = [
            "test",
            "--explore",
            "--schedules",
            "40",
            "-run",
            name,
            "--output",
            "text=a.txt",
            "--output",
            "json=a.json",
        ];
        let folder = format!("traces-{name}");
        let (_, said, errors) = gorace(&module, &[&run[..], &["--trace-dir", &folder, "./p"]].concat());
        let reports = ["text", "json"].map(|f| {
            let name = if f == "text" { "a.txt" } else { "a.json" };
            (f, fs::read_to_string(module.path().join(name)).unwrap())
        });
        let command = replay_of(&said);
        let trace = errors.lines().find_map(|line| line.strip_prefix("trace: gorace replay ")).unwrap();
        assert!(trace.starts_with(&format!("{folder}/{name}-")), "{trace}");
        for (format, report) in &reports {
            let (status, again, errors) = replayed(&module, &command, &["--format", format]);
            assert_eq!((status, &again), (Some(expected), report), "{command:?}: {errors}");
            let (status, again, errors) = gorace(&module, &["replay", "--format", format, trace]);
            assert_eq!((status, &again), (Some(expected), report), "{trace}: {errors}");
        }
    }
}

#[test]
fn a_replay_has_the_parts_and_flags_of_its_test() {
    let module = module(&[("p/p_test.go", PARTS)]);
    let find = |more: &[&str]| {
        let run = ["test", "--explore", "--schedules", "20", "--output", "text=a.txt"];
        let (_, said, errors) = gorace(&module, &[&run[..], more].concat());
        let report = fs::read_to_string(module.path().join("a.txt")).unwrap();
        (said, report, errors)
    };
    let (said, report, errors) = find(&["-run", "Parts/first", "-short", "./p", "-args", "both"]);
    assert!(errors.contains("1 finding in 1 test"), "{said}{errors}");
    let command = replay_of(&said);
    let ends: Vec<&str> = command[command.len() - 3..].iter().map(String::as_str).collect();
    assert_eq!(ends, ["example.com/m/p", "-test.short=true", "both"], "{command:?}");
    assert_eq!(command[1..3], ["--test", "TestParts/first"]);
    assert_eq!(replayed(&module, &command, &[]).1, report);
    let (said, report, errors) = find(&["-run", "Parts/second", "./p", "-args", "both"]);
    assert!(errors.contains("1 finding in 1 test"), "{said}{errors}");
    assert_eq!(replayed(&module, &replay_of(&said), &[]).1, report);
    let (_, _, errors) = find(&["-run", "Parts/second", "-short", "./p", "-args", "both"]);
    assert!(errors.contains("no findings in 1 test"), "{errors}");
}

#[test]
fn the_configuration_counts() {
    let suppress = "[check]\nschedules = 12\n\n[[suppress]]\nrule = \"goroutine-leak\"\nfunction = \"*.TestLeak*\"\nreason = \"a test of leaks\"\n";
    let module = module(&[("p/p_test.go", EXPLORED), ("p/testdata/x", ""), ("gorace.toml", suppress)]);
    let run = |arguments: &[&str]| test(&module, &[&["--explore"], arguments, &["./..."]].concat());
    let (status, said, errors) = run(&["-run", "Leak|Clean"]);
    assert_eq!(status, Some(0), "{said}{errors}");
    assert!(errors.contains("no findings, 1 suppressed in 2 tests, 24 schedules"), "{errors}");
    // Comments in the source; those of no use are told when all tests were run.
    let noted = EXPLORED.replace("c <- 1 }()", "c <- 1 }() //gorace:ignore goroutine-leak it is meant");
    fs::write(module.path().join("p/p_test.go"), &noted).unwrap();
    fs::write(module.path().join("gorace.toml"), "[severity]\nflaky-test = \"warning\"\n").unwrap();
    let (status, said, errors) = run(&["--schedules", "40"]);
    assert_eq!(status, Some(0), "{said}{errors}");
    assert!(
        said.contains("warning[flaky-test]: TestLucky") && errors.contains("1 finding, 1 suppressed in 3 tests"),
        "{said}{errors}"
    );
    assert_eq!(run(&["--schedules", "40", "--fail-on", "warning", "-run", "Lucky"]).0, Some(1));
    fs::write(module.path().join("p/p_test.go"), noted.replace("c <- 1 }()", "_ = c }()")).unwrap();
    let (_, _, errors) = run(&["--schedules", "3"]);
    assert!(errors.contains("p/p_test.go:32: gorace:ignore met no finding"), "{errors}");
    assert!(!run(&["--schedules", "3", "-run", "Clean"]).2.contains("met no finding"));
}

#[test]
fn baselines_and_limits() {
    let module = module(&[("p/p_test.go", EXPLORED), ("p/testdata/x", "")]);
    let run = |arguments: &[&str]| test(&module, &[&["--explore", "--schedules", "40"], arguments, &["./p"]].concat());
    let (status, said, errors) = run(&["--write-baseline", "known.json"]);
    assert_eq!(status, Some(0), "{said}{errors}");
    let (status, said, errors) = run(&["--baseline", "known.json"]);
    assert_eq!(status, Some(0), "{said}{errors}");
    assert!(errors.contains("no findings, 2 known in 3 tests"), "{errors}");
    let (status, said, errors) = run(&["--max-findings", "1", "--format", "short"]);
    assert_eq!((status, said.lines().count()), (Some(1), 1), "{said}{errors}");
    assert!(errors.contains("1 finding in 2 tests") && errors.contains("(stopped by --max-findings)"), "{errors}");
    let (status, said, _) = run(&["--no-shorten", "-run", "Leak", "--fail-on", "never"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("error[goroutine-leak]") && !said.contains("shortest schedule"), "{said}");
}

#[test]
fn wrong_inputs() {
    let module = module(&[
        ("p/p_test.go", EXPLORED),
        ("p/testdata/x", ""),
        ("plain/plain.go", "package plain\n"),
        ("broken/broken_test.go", "package broken\n\nfunc (\n"),
        ("typed/typed_test.go", "package typed\n\nvar x int = \"\"\n"),
        ("far/far_test.go", "package far\n\nimport _ \"example.net/gone\"\n"),
        ("empty/README", ""),
        ("loop/loop_test.go", "package loop\n\nimport \"testing\"\n\nfunc TestLoop(t *testing.T) {\n\tfor {\n\t}\n}\n"),
    ]);
    let refused = |arguments: &[&str], words: &[&str]| {
        let (status, said, errors) = gorace(&module, arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {said}{errors}");
        assert!(said.is_empty() && !errors.contains("panicked"), "{arguments:?}: {said}{errors}");
        for word in words {
            assert!(errors.contains(word), "{arguments:?}: {word:?} is not said in:\n{errors}");
        }
    };
    refused(&["test", "--explore", "./gone"], &["gone"]);
    refused(&["test", "--explore", "gone_test.go"], &["gone_test.go"]);
    refused(&["test", "--explore", "./empty"], &["no Go files in"]);
    refused(&["test", "--explore", "-msan", "./p"], &["-msan"]);
    // What stands behind a flag that go test does not know is the test program's, and no package.
    refused(&["test", "--explore", "--nonsense", "./p"], &["no Go files in"]);
    refused(&["test", "--explore", "--json", "./p"], &["--format json"]);
    refused(&["test", "--explore", "--format", "poem", "./p"], &["poem", "sarif"]);
    refused(&["test", "--explore", "--baseline", "gone.json", "./p"], &["gone.json", "--write-baseline"]);
    refused(&["test", "--explore", "--output", "sarif=no/such/x", "./p"], &["no/such/x"]);
    refused(&["test", "--format", "json", "./p"], &["--explore"]);
    refused(&["test", "--schedules", "5", "./p"], &["--explore"]);
    refused(
        &["replay", "--test", "TestGone", "2-1-d", "./p"],
        &["example.com/m/p: no test TestGone; there are TestClean, TestLucky, TestLeak"],
    );
    refused(&["replay", "--test", "TestLeak", "poem", "./p"], &["poem: not a token"]);
    refused(&["replay", "--test", "TestLeak", "1-1-d", "./p"], &["1-1-d: a token of another version"]);
    refused(&["replay", "--test", "TestLeak", "2-1-d"], &["behind a token the program must stand"]);
    refused(&["replay", "--test", "TestLeak", "p/testdata/x"], &["leave --test out"]);
    refused(&["replay", "--test", "TestX", "2-1-d", "./plain"], &["example.com/m/plain: no test files"]);
    refused(&["replay", "--test", "TestX", "2-1-d", "./..."], &["packages; --test is of one"]);
    refused(&["replay", "--test", "TestX", "2-1-d", "./gone"], &["gone"]);
    refused(&["replay", "--test", "TestX", "2-1-d", "./broken"], &["broken_test.go:4"]);
    refused(&["replay", "2-1-d", "./typed/typed_test.go"], &["no non-test Go files in"]);
    // As `go test` has it: packages that cannot be built fail.
    for (package, words) in [
        ("broken", "broken_test.go:4:1: syntax error"),
        ("typed", "typed_test.go:3:13: cannot use"),
        ("far", "example.net/gone"),
    ] {
        let (status, said, errors) = gorace(&module, &["test", "--explore", &format!("./{package}")]);
        assert!(matches!(status, Some(1 | 2)), "{said}{errors}");
        assert!(errors.contains(words) && !errors.contains("panicked"), "{package}: {said}{errors}");
    }
    fs::write(module.path().join("gorace.toml"), "[check]\ntimeout = 1\n").unwrap();
    let (_, said, errors) = gorace(&module, &["test", "--explore", "--schedules", "2", "-v", "./loop"]);
    assert!(said.contains("2 not ended in time"), "{said}{errors}");
    fs::write(module.path().join("gorace.toml"), "[severity]\nno-such-rule = \"error\"\n").unwrap();
    refused(&["test", "--explore", "./p"], &["gorace.toml:2: no rule no-such-rule"]);
}
