//! The command from outside: wrong inputs, each with a message that names the file and what to do, status 2 and no panic;
//! programs that never end or eat all memory; interruptions.
//!
//! Runs the built binary, each test in a folder of its own.

mod again;
mod cache;
mod calls;
mod settings;

use gorace_abi::image::{ImageHeader, MAGIC};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A program of a goroutine for each of `bodies`.
fn goroutines(declarations: &str, bodies: &[&str]) -> String {
    let each: Vec<String> = bodies.iter().map(|b| format!("\twg.Go(func() {{ {b} }})\n")).collect();
    let imports = "import (\n\t\"sync\"\n\t\"sync/atomic\"\n)\n\nvar _ atomic.Int32\n";
    format!(
        "package main\n\n{imports}\nfunc main() {{\n{declarations}\tvar wg sync.WaitGroup\n{}\twg.Wait()\n}}\n",
        each.concat()
    )
}

/// As many schedules as can be worked out by hand.
#[test]
fn the_systematic_strategy_runs_each_order_once() {
    let section = "mu.Lock(); n++; mu.Unlock()";
    let (ab, ba) = ("a.Lock(); b.Lock(); b.Unlock(); a.Unlock()", "b.Lock(); a.Lock(); a.Unlock(); b.Unlock()");
    for (declarations, bodies, expected, rule) in [
        // Operations on what is one's own.
        ("", vec!["var x atomic.Int32; x.Add(1); x.Add(1)"; 3], 1, None),
        // n writers of one variable: n!.
        ("\tvar x atomic.Int32\n", vec!["x.Add(1)"; 3], 6, None),
        ("\tvar x atomic.Int32\n", vec!["x.Add(1)"; 4], 24, None),
        // Two writes each: 4 over 2.
        ("\tvar x atomic.Int32\n", vec!["x.Add(1); x.Add(1)"; 2], 6, None),
        // A writer and three readers, each before or behind it.
        ("\tvar x atomic.Int32\n", vec!["x.Store(1)", "x.Load()", "x.Load()", "x.Load()"], 8, None),
        ("\tvar mu sync.Mutex\n\tn := 0\n", vec![section; 2], 2, None),
        ("\tvar mu sync.Mutex\n\tn := 0\n", vec![section; 3], 6, None),
        // One first, the other first, and the deadlock.
        ("\tvar a, b sync.Mutex\n", vec![ab, ba], 3, Some("lock-cycle")),
        // Who comes first, sender or receiver.
        ("\tc := make(chan int)\n", vec!["c <- 1", "<-c"], 2, None),
        // A send into a buffer before the receive, or behind it.
        ("\tc := make(chan int, 1)\n", vec!["c <- 1", "<-c"], 2, None),
        // Each ready case.
        (
            "\ta, b, c := make(chan int, 1), make(chan int, 1), make(chan int, 1)\n\ta <- 1; b <- 1; c <- 1\n",
            vec!["select { case <-a: case <-b: case <-c: panic(1) }"],
            3,
            Some("panic"),
        ),
    ] {
        let program = goroutines(declarations, &bodies);
        let folder = folder(&[("main.go", &program)]);
        let output = gorace(folder.path(), &["check", "--strategy", "systematic", "--no-shorten", "main.go"]).output();
        let output = output.unwrap();
        let said = text(&output.stderr);
        let schedules = if expected == 1 { "1 schedule".to_string() } else { format!("{expected} schedules") };
        let covered = format!("covered: every order of the program's synchronisation: {schedules}; nothing is left");
        assert!(said.contains(&covered), "{said}\nof {program}");
        let found = text(&output.stdout);
        assert_eq!(found.contains("error["), rule.is_some(), "{found}");
        assert!(rule.is_none_or(|rule| found.contains(rule)), "{found}");
    }
}

/// What comes behind a pin, in front of a wait for a condition, or to somebody who ends the program is exchanged too. (All outcomes of
/// generated programs are held against a brute-force search by the suite `enumerate`.)
#[test]
fn the_systematic_strategy_hides_nobody() {
    let last = "\tvar mu sync.Mutex\n\tlast := 0\n\tdefer func() { if last == 1 { panic(\"one was last\") } }()\n";
    let pinned = |n: u32| format!("mu.Lock(); var v atomic.Value; v.Store({n}); last = {n}; mu.Unlock()");
    let pooled = |n: u32| format!("var p sync.Pool; mu.Lock(); p.Get(); last = {n}; mu.Unlock(); p.Put(new(int))");
    let cond = "\tvar stop atomic.Bool\n\tvar mu sync.Mutex\n\tcond := sync.NewCond(&mu)\n";
    let waits = "mu.Lock(); for !stop.Load() { cond.Wait() }; mu.Unlock()".to_string();
    for (declarations, bodies, rules) in [
        (last, vec![pinned(1), pinned(2)], vec!["panic: one was last"]),
        (last, vec![pooled(1), pooled(2)], vec!["panic: one was last"]),
        (cond, vec![waits.clone(), "stop.Store(true); cond.Signal()".into()], vec!["deadlock"]),
        (cond, vec![waits, "stop.Store(true); cond.Broadcast()".into()], vec!["deadlock"]),
        ("", vec!["panic(\"first\")".into(), "panic(\"second\")".into()], vec!["panic: first", "panic: second"]),
        // The group counts one: whoever is second goes below zero.
        (
            "\tvar g sync.WaitGroup\n\tg.Add(1)\n",
            vec!["g.Done(); println()".into(), "g.Done()".into()],
            vec!["main.go:14:23", "main.go:15:23"],
        ),
        (
            "\tvar g sync.WaitGroup\n\tg.Add(2)\n",
            vec!["g.Add(-2); println()".into(), "g.Done()".into()],
            vec!["main.go:14:22", "main.go:15:23"],
        ),
        // The third load comes in front of the store, the second behind it.
        (
            "\tvar v atomic.Value\n\tvar first, second atomic.Bool\n\tvar n atomic.Int32\n\tdefer func() {\n\t\tif first.Load() && !second.Load() { panic(\"between\") }\n\t}()\n",
            vec![
                "v.Store(1)".into(),
                "first.Store(v.Load() != nil)".into(),
                "n.Add(1); second.Store(v.Load() != nil)".into(),
            ],
            vec!["panic: between"],
        ),
    ] {
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let program = goroutines(declarations, &bodies);
        let folder = folder(&[("main.go", &program)]);
        let output = gorace(folder.path(), &["check", "--strategy", "systematic", "--no-shorten", "main.go"]).output();
        let output = output.unwrap();
        let (found, said) = (text(&output.stdout), text(&output.stderr));
        assert!(said.contains("nothing is left"), "{said}\nof {program}");
        for rule in rules {
            assert!(found.contains(rule), "no {rule} in\n{found}\nof {program}");
        }
    }
}

#[test]
fn the_systematic_strategy_says_how_far_it_came() {
    let program = goroutines("\tvar x atomic.Int32\n", &["x.Add(1); x.Add(1); x.Add(1)"; 4]);
    let folder = folder(&[("main.go", &program)]);
    let check = |arguments: &[&str]| {
        let all = [&["check", "--strategy", "systematic"], arguments, &["main.go"]].concat();
        text(&gorace(folder.path(), &all).output().unwrap().stderr)
    };
    let said = check(&["--schedules", "400", "--preemptions", "0"]);
    assert!(said.contains("224 schedules"), "{said}");
    // The orders of four goroutines that each run through, behind the half that went into all orders.
    assert!(said.contains("covered: every schedule without preemptions; others have more"), "{said}");
    let said = check(&["--schedules", "20"]);
    assert!(said.contains("cut at --schedules"), "{said}");
}

/// What is read from outside decides how many operations there are.
const UNTAMED: &str = r#"package main

import (
	"os"
	"sync/atomic"
)

var n atomic.Int32

func main() {
	b := make([]byte, 2)
	f, _ := os.Open("/proc/sys/kernel/random/uuid")
	f.Read(b)
	done := make(chan bool)
	go func() {
		for range int(b[0])<<8 | int(b[1]) {
			n.Add(1)
		}
		close(done)
	}()
	<-done
}
"#;

#[test]
fn a_schedule_that_is_not_a_function_of_its_seed_is_told() {
    let folder = folder(&[("main.go", UNTAMED), ("race.go", RACE)]);
    let said =
        |program: &str| text(&gorace(folder.path(), &["check", "--schedules", "10", program]).output().unwrap().stderr);
    assert!(said("main.go").contains("was not the same at step "), "{}", said("main.go"));
    fs::write(folder.path().join("race.go"), RACE.replace("after()", "")).unwrap();
    assert!(!said("race.go").contains("was not the same"), "{}", said("race.go"));
}

const RACE: &str = r#"package main

import "sync"

func main() {
	var n int
	var wg sync.WaitGroup
	wg.Go(func() { n++ })
	n++
	wg.Wait()
	after()
}
"#;

/// A folder with files, as `NAME`, `text` pairs.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn gorace(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gorace"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_string()
}

/// Runs a command that must fail with status 2, saying all of `words` and nothing on standard output.
#[track_caller]
fn refused(command: &mut Command, words: &[&str]) {
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    for word in words {
        assert!(said.contains(word), "{word:?} is not said in:\n{said}");
    }
}

#[track_caller]
fn refused_program(files: &[(&str, &str)], program: &str, words: &[&str]) {
    let folder = folder(files);
    for command in ["check", "run", "build"] {
        refused(&mut gorace(folder.path(), &[command, program]), words);
    }
}

#[test]
fn missing_file() {
    refused_program(&[], "gone.go", &["gone.go: no such file or directory"]);
    refused_program(&[], "./gone", &["gone", "no such file or directory"]);
}

#[test]
fn folder_without_go_files() {
    refused_program(&[("empty/README", "")], "./empty", &["no Go files in", "empty"]);
}

#[test]
fn syntax_error() {
    let source = "package main\n\nfunc main() {\n\tx :=\n}\n";
    refused_program(&[("main.go", source)], "main.go", &["main.go:5:1: syntax error: unexpected }"]);
    refused_program(
        &[("main.go", "\0\u{fffd}")],
        "main.go",
        &["main.go:1:1: invalid NUL", "package statement must be first"],
    );
}

#[test]
fn type_error() {
    let source = "package main\n\nfunc main() {\n\tvar x int = \"a\"\n\t_ = x\n}\n";
    let words = ["main.go:4:14: cannot use \"a\" (untyped string constant) as int value in variable declaration"];
    refused_program(&[("main.go", source)], "main.go", &words);
}

#[test]
fn no_function_main() {
    let words = ["# command-line-arguments\n", "function main is undeclared in the main package"];
    refused_program(&[("main.go", "package main\n\nfunc init() {}\n")], "main.go", &words);
}

#[test]
fn unknown_import() {
    let source = "package main\n\nimport \"foo/bar\"\n\nfunc main() { bar.X() }\n";
    refused_program(&[("main.go", source)], "main.go", &["main.go:3:8: package foo/bar is not in std ("]);
}

#[test]
fn import_cycle() {
    let files = [
        ("go.mod", "module example.org/m\n\ngo 1.27\n"),
        ("main.go", "package main\n\nimport \"example.org/m/a\"\n\nfunc main() { a.F() }\n"),
        ("a/a.go", "package a\n\nimport \"example.org/m/b\"\n\nfunc F() { b.F() }\n"),
        ("b/b.go", "package b\n\nimport \"example.org/m/a\"\n\nfunc F() { a.F() }\n"),
    ];
    let words = ["import cycle not allowed", "\timports example.org/m/b", "\timports example.org/m/a"];
    refused_program(&files, ".", &words);
}

#[test]
fn tags_as_the_go_command_takes_them() {
    let folder = folder(&[
        ("go.mod", "module example.org/m\n\ngo 1.26\n"),
        ("main.go", "package main\n\nfunc main() { println(name) }\n"),
        ("with.go", "//go:build extra\n\npackage main\n\nconst name = \"with\"\n"),
        ("without.go", "//go:build !extra\n\npackage main\n\nconst name = \"without\"\n"),
    ]);
    let said = |arguments: &[&str], flags: &str| {
        let output = gorace(folder.path(), arguments).env("GOFLAGS", flags).output().unwrap();
        text(&output.stderr)
    };
    assert_eq!(said(&["run", "."], ""), "without\n");
    assert_eq!(said(&["run", "-tags", "extra", "."], ""), "with\n");
    assert_eq!(said(&["run", "--tags=a,extra", "."], ""), "with\n");
    assert_eq!(said(&["run", "."], "-tags=extra"), "with\n");
    assert_eq!(said(&["build", "-tags=extra", "."], ""), "");
}

#[test]
fn no_main_package() {
    let folder = folder(&[("lib.go", "package foo\n\nfunc F() {}\n")]);
    for command in ["check", "run"] {
        refused(&mut gorace(folder.path(), &[command, "lib.go"]), &["lib.go", "foo", "is not a main package"]);
    }
}

#[test]
fn cgo() {
    let source = "package main\n\nimport \"C\"\n\nfunc main() {}\n";
    refused_program(&[("main.go", source)], "main.go", &["main.go:3:8", "cgo is not supported"]);
}

/// An executable that was compiled on a newer machine.
#[test]
fn a_processor_that_lacks_what_the_program_needs() {
    let folder = folder(&[EMPTY]);
    assert!(gorace(folder.path(), &["build", "-o", "main", "main.go"]).status().unwrap().success());
    let executable = folder.path().join("main");
    let mut bytes = std::fs::read(&executable).unwrap();
    let image = (0..bytes.len()).step_by(4096).rev().find(|&at| bytes[at..].starts_with(&MAGIC)).unwrap();
    // The highest byte of the number.
    bytes[image + std::mem::offset_of!(ImageHeader, processor) + 7] = 0x80;
    std::fs::write(&executable, bytes).unwrap();
    let output = Command::new(&executable).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("something newer than this gorace, which this one lacks: compile it on this machine"),
        "{said}"
    );
}

const EMPTY: (&str, &str) = ("main.go", "package main\n\nfunc main() {}\n");

#[test]
fn wrong_sdk() {
    let folder = folder(&[EMPTY, ("sdk/VERSION", "go1.20.1\n"), ("sdk/src/fmt/fmt.go", "package fmt\n")]);
    let mut command = gorace(folder.path(), &["run", "main.go"]);
    let words = ["sdk: this is Go 1.20.1", "gorace needs Go 1.26 or 1.27", "set GOROOT"];
    refused(command.env("GOROOT", folder.path().join("sdk")), &words);
    let list = gorace(folder.path(), &["sdk", "list"]).env("GOROOT", folder.path().join("sdk")).output().unwrap();
    assert!(text(&list.stdout).contains("not supported"), "{}", text(&list.stdout));
    refused(&mut gorace(folder.path(), &["sdk", "install", "1.20.1"]), &["1.20.1", "Go 1.26 or 1.27"]);
    refused(&mut gorace(folder.path(), &["sdk", "install", "--", "--evil"]), &["--evil", "Go 1.26 or 1.27"]);
}

/// An installed SDK of a minor version, such as `1.26.`.
fn installed(minor: &str) -> Option<PathBuf> {
    let output = gorace(Path::new("/"), &["sdk", "list"]).output().unwrap();
    let list = text(&output.stdout);
    let line = list.lines().map(|l| l.trim_start_matches(['*', ' '])).find(|l| l.starts_with(minor))?;
    Some(PathBuf::from(line.split_once(' ')?.1.trim()))
}

/// What differs between the versions: hashing, reflect's list of types, sync.Pool, the version itself.
const VERSIONED: &str = r#"package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
)

type pair struct {
	A int8
	B string
}

func main() {
	m := map[any]int{1: 1, "a": 2, 3.5: 3, pair{1, "x"}: 4, [3]byte{1, 2, 3}: 5, uint16(7): 6, false: 7}
	for i := range 1000 {
		m[i] += i
	}
	made := reflect.MakeMap(reflect.MapOf(reflect.TypeOf(pair{}), reflect.TypeOf(1)))
	made.SetMapIndex(reflect.ValueOf(pair{2, "y"}), reflect.ValueOf(8))
	var pool sync.Pool
	pool.Put(m)
	text, err := json.Marshal(pair{3, "z"})
	fmt.Println(len(m), m[1], m["a"], m[3.5], m[pair{1, "x"}], m[[3]byte{1, 2, 3}], m[uint16(7)], m[false])
	fmt.Println(made, pool.Get() != 0, string(text), err)
	fmt.Println(reflect.SliceOf(reflect.TypeOf(pair{})) == reflect.TypeOf([]pair{}))
	fmt.Println(strings.HasPrefix(runtime.Version(), "go1.26."))
}
"#;

#[test]
fn go_1_26() {
    let Some(sdk) = installed("1.26.") else {
        eprintln!("skipped: no SDK of Go 1.26 (`gorace sdk install 1.26.6` fetches one)");
        return;
    };
    let folder = folder(&[("race.go", RACE.replace("\tafter()\n", "").as_str()), ("versioned.go", VERSIONED)]);
    let command = |arguments: &[&str]| {
        let mut command = gorace(folder.path(), arguments);
        command.env("GOROOT", &sdk).output().unwrap()
    };
    let run = command(&["run", "versioned.go"]);
    let wanted = "1006 2 2 3 4 5 6 7\nmap[{2 y}:8] true {\"A\":3,\"B\":\"z\"} <nil>\ntrue\ntrue\n";
    assert_eq!((text(&run.stdout).as_str(), run.status.code()), (wanted, Some(0)), "{}", text(&run.stderr));
    let check = command(&["check", "--format", "short", "race.go"]);
    assert_eq!(check.status.code(), Some(1), "{}", text(&check.stderr));
    assert!(text(&check.stdout).contains("race.go:8:"), "{}", text(&check.stdout));
    for arguments in
        [&["build", "--stop-after", "types", "std"][..], &["build", "--stop-after", "types", "--tests", "std"]]
    {
        let build = command(arguments);
        assert_eq!((text(&build.stderr).as_str(), build.status.code()), ("", Some(0)));
        assert!(build.stdout.is_empty(), "{}", text(&build.stdout));
    }
}

#[test]
fn goroot_that_is_no_sdk() {
    let folder = folder(&[EMPTY]);
    let mut command = gorace(folder.path(), &["check", "main.go"]);
    refused(command.env("GOROOT", "/no/such/sdk"), &["/no/such/sdk: GOROOT is set, but there is no Go SDK there"]);
}

/// Neither an SDK nor a network: an empty home, and a package index on a closed port.
#[test]
fn no_sdk_and_no_network() {
    if ["/usr/local/go/VERSION", "/usr/lib/go/VERSION"].iter().any(|p| Path::new(p).exists()) {
        eprintln!("skipped: an SDK is installed for all users, so there is always one");
        return;
    }
    let folder = folder(&[EMPTY]);
    let bare = |path: &str| {
        let mut command = gorace(folder.path(), &["check", "main.go"]);
        command.env_clear().env("HOME", folder.path().join("home")).env("PATH", path);
        command.env("PIP_INDEX_URL", "http://127.0.0.1:9/simple").env("PIP_RETRIES", "1");
        command
    };
    let words = ["no Go SDK found", "install Go 1.26 or 1.27 and set GOROOT", "gorace sdk install"];
    refused(&mut bare("/nonexistent"), &words);
    refused(&mut bare("/nonexistent"), &["python3"]);
    let path = std::env::var("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|p| p.join("go").exists()) {
        refused(&mut bare(&path), &words);
    }
}

/// The SDK that the tests use, as GOROOT for commands whose cache is elsewhere.
fn sdk() -> PathBuf {
    let output = gorace(Path::new("/"), &["sdk", "install"]).output().unwrap();
    PathBuf::from(text(&output.stdout).trim().split_once(' ').expect("an SDK").1)
}

#[test]
fn invalid_traces() {
    let files = [
        ("words", "not a trace"),
        ("other", "{\"a\": 1}\n"),
        ("newer", "{\"gorace-trace\": 999, \"seed\": 1}\n"),
        ("torn", "{\"gorace-trace\": 3, \"seed\": 1}\n"),
        (
            "stale",
            "{\"gorace-trace\": 3, \"seed\": 1, \"program\": [\"gone.go\"], \"args\": [], \"tags\": [], \"schedule\": \"2-1-mix\"}\n",
        ),
    ];
    let folder = folder(&files);
    let refused = |file: &str, words: &[&str]| refused(&mut gorace(folder.path(), &["replay", file]), words);
    refused("gone", &["gone: No such file"]);
    refused("words", &["words: not a trace", "--trace-dir"]);
    refused("other", &["other: not a trace", "--trace-dir"]);
    refused("newer", &["newer: a trace of another version of gorace"]);
    refused("torn", &["torn: a damaged trace"]);
    refused("stale", &["gone.go: no such file"]);
    let token = |words: &[&str], said: &[&str]| crate::refused(&mut gorace(folder.path(), words), said);
    token(&["replay", "poem", "main.go"], &["poem: not a token", "gorace check"]);
    token(&["replay", "1-1-d", "main.go"], &["1-1-d: a token of another version"]);
    token(&["replay", "2-1-d4.x", "main.go"], &["2-1-d4.x: not a token"]);
    token(&["replay", "2-1-d"], &["2-1-d: behind a token the program must stand"]);
    token(&["replay", "2-1-d", "gone.go"], &["gone.go: no such file"]);
}

#[test]
fn wrong_flags() {
    let folder = folder(&[EMPTY]);
    for (arguments, words) in [
        (&["check", "--nonsense", "main.go"][..], &["--nonsense"][..]),
        (&["check", "--timeout", "soon", "main.go"], &["soon", "not a time, such as"]),
        (&["check", "--timeout=-1", "main.go"], &["-1", "not a time, such as"]),
        (&["check", "--timeout=1e30", "main.go"], &["1e30", "not a time, such as"]),
        (&["check", "--schedules", "0", "main.go"], &["--schedules"]),
        (&["check", "--format", "poem", "main.go"], &["poem", "short"]),
        (&["check", "2-1-d"], &["token", "gorace replay 2-1-d PROGRAM"]),
        (&["replay", "."], &["gorace replay TOKEN PROGRAM"]),
        (&["nonsense"], &["nonsense"]),
        (&[], &["Usage"]),
        (&["check", "--format", "sarif", "--output", "poem=x", "main.go"], &["poem", "sarif"]),
        (&["check", "--output", "sarif", "main.go"], &["FORMAT=FILE", "sarif=gorace.sarif"]),
        (&["check", "--output", "sarif=no/such/folder/x", "main.go"], &["no/such/folder/x", "No such file"]),
        (&["check", "--max-findings", "0", "main.go"], &["--max-findings"]),
        (&["check", "--fail-on", "mondays", "main.go"], &["mondays", "never"]),
        (&["check", "--baseline", "gone.json", "main.go"], &["gone.json", "--write-baseline"]),
        (&["explain", "no-such-rule"], &["no-such-rule", "data-race"]),
        (&["build", "--stop-after", "lunch", "main.go"], &["lunch"]),
    ] {
        refused(&mut gorace(folder.path(), arguments), words);
    }
    let traces = gorace(folder.path(), &["check", "--schedules", "1", "--trace-dir", "main.go", "main.go"]).output();
    assert_eq!(traces.unwrap().status.code(), Some(2));
}

fn race_and(after: &str) -> TempDir {
    folder(&[("main.go", &format!("{RACE}\n{after}"))])
}

#[test]
fn a_program_that_never_ends_is_noticed_and_its_race_kept() {
    let folder = race_and("func after() {\n\tfor {\n\t}\n}\n");
    let output = gorace(folder.path(), &["check", "--schedules", "2", "--timeout", "1", "main.go"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("error[data-race]"));
    assert!(
        text(&output.stderr).contains("2 schedules did not end within 1 s (--timeout)"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_program_that_eats_memory_is_ended_and_its_race_kept() {
    let eat = "var keep [][]byte\n\nfunc after() {\n\tfor {\n\t\tkeep = append(keep, make([]byte, 1<<20))\n\t\tfor i := 0; i < 1<<20; i += 4096 {\n\t\t\tkeep[len(keep)-1][i] = 1\n\t\t}\n\t}\n}\n";
    let folder = race_and(eat);
    let arguments = ["check", "--schedules", "2", "--timeout", "60", "--memory", "256", "main.go"];
    let output = gorace(folder.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("error[data-race]"));
    assert!(text(&output.stderr).contains("held more than 256 MB"), "{}", text(&output.stderr));
}

fn interrupt(child: &Child) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), rustix::process::Signal::INT).unwrap();
}

/// Starts a command, waits until `ready`, sends Ctrl-C; the command must then end soon.
fn interrupted(command: Command, ready: impl Fn(u32) -> bool) -> Output {
    // Who runs the tests in the background of a shell has the signal ignored, and so would the program.
    let mut heard = Command::new("env");
    heard.arg("--default-signal=INT").arg(command.get_program()).args(command.get_args());
    heard.current_dir(command.get_current_dir().unwrap_or(Path::new(".")));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => heard.env(name, value),
            None => heard.env_remove(name),
        };
    }
    let child = heard.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !ready(child.id()) {
        assert!(start.elapsed() < Duration::from_secs(60), "the program does not get going");
        std::thread::sleep(Duration::from_millis(50));
    }
    interrupt(&child);
    let start = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "Ctrl-C is not obeyed");
    output
}

/// Makes a file, so that the test knows when the program is there, and never ends.
const MARK_AND_SPIN: &str = "func after() {\n\tos.WriteFile(\"mark\", nil, 0o644)\n\tfor {\n\t}\n}\n";

fn marked(source: &str) -> TempDir {
    folder(&[("main.go", &source.replace("import \"sync\"", "import (\n\t\"os\"\n\t\"sync\"\n)"))])
}

#[test]
fn ctrl_c_ends_a_check_with_what_was_found() {
    let folder = marked(&format!("{RACE}\n{MARK_AND_SPIN}"));
    let mark = folder.path().join("mark");
    let output = interrupted(gorace(folder.path(), &["check", "--timeout", "300", "main.go"]), |_| mark.exists());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("error[data-race]"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("interrupted: 1 finding"), "{}", text(&output.stderr));
}

/// A reader who does not want to wait for what the first Ctrl-C still does.
#[test]
fn the_second_ctrl_c_ends_a_check_at_once() {
    let folder = marked(&format!("{RACE}\n{MARK_AND_SPIN}"));
    let mark = folder.path().join("mark");
    let mut command = gorace(folder.path(), &["check", "--timeout", "300", "main.go"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !mark.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "the program does not get going");
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&child);
    // Until the first one is seen, the second counts as the same.
    std::thread::sleep(Duration::from_millis(5));
    interrupt(&child);
    let start = Instant::now();
    let status = child.wait().unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "the second Ctrl-C is not obeyed");
    assert!(matches!(status.code(), Some(130 | 1)), "{status:?}");
}

#[test]
fn ctrl_c_ends_a_check_that_found_nothing_with_130() {
    let source = format!("{}\n{MARK_AND_SPIN}", RACE.replace("\tn++\n", "\t_ = n\n"));
    let folder = marked(&source.replace("{ n++ }", "{ _ = n }"));
    let mark = folder.path().join("mark");
    let output = interrupted(gorace(folder.path(), &["check", "--timeout", "300", "main.go"]), |_| mark.exists());
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
}

#[test]
fn ctrl_c_ends_a_run() {
    use std::os::unix::process::ExitStatusExt;
    let folder = marked(&format!("{RACE}\n{MARK_AND_SPIN}"));
    let mark = folder.path().join("mark");
    let output = interrupted(gorace(folder.path(), &["run", "main.go"]), |_| mark.exists());
    assert_eq!(output.status.signal(), Some(2), "{:?} {}", output.status, text(&output.stderr));
    assert!(text(&output.stderr).contains("WARNING: DATA RACE"), "{}", text(&output.stderr));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = race_and("func after() {}\n");
    let mut child = gorace(folder.path(), &["check", "--schedules", "20", "main.go"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn findings_do_not_depend_on_which_process_is_faster() {
    let folder = race_and("func after() {}\n");
    let run = || gorace(folder.path(), &["check", "--schedules", "30", "main.go"]).output().unwrap().stdout;
    assert_eq!(text(&run()), text(&run()));
}

#[test]
fn dumps() {
    let source = "package main\n\ntype pair[T any] struct{ a, b T }\n\nconst limit = 3\n\nvar all []pair[int]\n\nfunc add(x, y int) int { return x + y }\n\nfunc main() { all = append(all, pair[int]{add(1, 2), limit}) }\n";
    let folder = folder(&[("main.go", source)]);
    let dump = |what: &str| {
        let output = gorace(folder.path(), &["build", "--dump", what, "main.go"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(
        dump("types"),
        "func add(int, int) int\nvar all []pair[int]\nconst limit untyped int\nfunc main()\ntype pair struct{a T; b T}\n"
    );
    let tree = dump("ast");
    assert!(tree.starts_with("File {") && tree.contains("\"limit\""), "{tree}");
    let form = dump("ir=main.add");
    assert!(form.contains("; main.go:9:") && !form.contains("main.main"), "{form}");
    let mut unit = gorace_ir::unit::Unit::default();
    let read = gorace_ir::text::parse::funcs(&mut unit, &form).unwrap();
    assert_eq!(read.iter().map(|f| f.go_name.as_str()).collect::<Vec<_>>(), ["main.add"]);
    let code = dump("code=main.add");
    assert!(code.starts_with("main.add at main.go:9") && code.contains("ret") && !code.contains("main.main"), "{code}");
    assert_eq!(code, dump("code=main.add"), "the same from the cache");
    refused(&mut gorace(folder.path(), &["build", "--dump", "poem", "main.go"]), &["poem", "ast, types, ir"]);
    // After a pass: the call is inlined by one of them.
    let call = "call main.add(";
    assert!(dump("ir=main.main:lowering").contains(call) && dump("ir=main.main:forward").contains(call));
    let inlined = dump("ir=main.main:inline");
    assert!(inlined.contains("inlined \"main.add\"") && !inlined.contains(call), "{inlined}");
    assert_eq!(dump("ir=main.main:update"), dump("ir=main.main"));
    let names = "silence, forward, inline";
    refused(&mut gorace(folder.path(), &["build", "--dump", "ir=main:frob", "main.go"]), &["no pass frob", names]);
    let without = |passes: &str| {
        let mut command = gorace(folder.path(), &["build", "--dump", "ir=main.main:inline", "main.go"]);
        command.env("GORACE_PASSES", passes);
        command
    };
    refused(&mut without("-frob"), &["no pass frob", names]);
    refused(&mut without("inline"), &["no pass to leave out", names]);
    refused(&mut without("-inline"), &["nothing is printed after inline"]);
}

#[test]
fn dumps_of_a_schedule() {
    let source = "package main\n\nimport \"sync\"\n\nfunc main() {\n\tvar mu sync.Mutex\n\tmu.Lock()\n\tmu.Lock()\n}\n";
    let folder = folder(&[("main.go", source)]);
    let dump = |what: &str, seed: &str| {
        let output = gorace(folder.path(), &["check", "--dump", what, "--seed", seed, "main.go"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let graph = dump("waitgraph", "1");
    assert!(graph.contains("all goroutines are asleep: 1 goroutines wait"), "{graph}");
    assert!(
        graph.contains("goroutine 1 waits for a mutex that it holds itself") && graph.contains("1 -> 1"),
        "{graph}"
    );
    let schedule = dump("schedule", "7");
    assert!(schedule.contains("goroutine 1 goes on: Start"), "{schedule}");
    assert_eq!(schedule, dump("schedule", "7"));
    assert_ne!(schedule, dump("schedule", "8"));
}

/// Runs `build --stop-after types` on a file, which must be refused at a place within it, with less than 1 GB of memory.
#[track_caller]
fn refused_at_a_place(source: &[u8], words: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.go"), source).unwrap();
    let mut command = gorace(folder.path(), &["build", "--stop-after", "types", "x.go"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        // A process that is gone has no such line.
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|l| l.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.lines().any(|l| l.starts_with("./x.go:") && l.contains(words)), "{words:?} is not said in:\n{said}");
    assert!(peak < 1 << 20, "{peak} kB: {words}");
}

#[test]
fn sources_of_garbage() {
    let main = |text: &str| format!("package main\n\nfunc main() {{\n\t{text}\n}}\n").into_bytes();
    refused_at_a_place(b"", ":1:1: syntax error: package statement must be first");
    refused_at_a_place(&main("\0"), ":4:2: invalid NUL character");
    refused_at_a_place(&main("// \u{feff}"), ":4:5: invalid BOM in the middle of the file");
    refused_at_a_place(
        "package main\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>().as_slice(),
        ":1:2:",
    );
    refused_at_a_place(&[&main("")[..], &[0xff; 10_000_000]].concat(), ":6:1: invalid UTF-8 encoding");
    for nested in ["(", "{", "-", "[]", "func() {", "if x {} else ", "go "] {
        refused_at_a_place(&main(&nested.repeat(1_000_000)), ": syntax error: ");
    }
    refused_at_a_place(&main(&format!("_ = f{}", "()".repeat(1_000_000))), ":4:40007: syntax error: nesting too deep");
    refused_at_a_place(&main(&"x = 1; ".repeat(1_400_000)), ":4:2: undefined: x");
    refused_at_a_place(&main(&format!("x := {}\"a\"", "\"a\" + ".repeat(100_000))), ":4:2: declared and not used: x");
    // Each constant twice as long as the one before.
    let doubled: String = (0..60).map(|n| format!("const s{} = s{n} + s{n}\n", n + 1)).collect();
    let text = format!("package main\n\nconst s0 = \"0123456789\"\n{doubled}\nfunc main() {{}}\n");
    refused_at_a_place(text.as_bytes(), ":31:17: constant string too long (2684354560 bytes > 2000000000 bytes)");
}

#[test]
fn truncated_sources() {
    let end = RACE.rfind('}').unwrap();
    for at in (0..end).step_by(7) {
        // A package clause alone is right, but no program.
        let words = if &RACE[..at] == "package main\n\n" {
            "function main is undeclared in the main package"
        } else {
            "./x.go:"
        };
        refused(&mut gorace(folder(&[("x.go", &RACE[..at])]).path(), &["build", "x.go"]), &[words]);
    }
}

#[test]
fn nonsense_in_go_mod() {
    let broken = [
        ("nonsense\n", "go.mod:1: unknown directive: nonsense"),
        ("module m\nrequire (\n", "go.mod:3: syntax error (unterminated block started at line 2)"),
        ("module m\ngo abc\n", "go.mod:2: invalid go version 'abc'"),
        ("module \"m\n", "go.mod:1: unexpected newline in string"),
        ("\0\0", "go.mod:1: unknown directive"),
        ("", "go.mod: missing module declaration"),
    ];
    let main = ("main.go", "package main\n\nfunc main() {}\n");
    for (text, words) in broken {
        refused_program(&[("go.mod", text), main], ".", &[words]);
    }
    let folder = folder(&[main]);
    fs::write(folder.path().join("go.mod"), [0xff, 0xfe, 0]).unwrap();
    refused(&mut gorace(folder.path(), &["build", "."]), &["go.mod: ", "UTF-8"]);
}

/// A program for `gorace build -o`: its exit code is the number of its arguments.
const COUNTS: &str =
    "package main\n\nimport \"os\"\n\nfunc main() {\n\tprintln(os.Args[0] != \"\")\n\tos.Exit(len(os.Args) - 1)\n}\n";

#[test]
fn executable_runs_without_cache_and_sdk() {
    let folder = folder(&[("go.mod", "module example.com/m\n\ngo 1.27\n"), ("cmd/counts/main.go", COUNTS)]);
    let built = gorace(folder.path(), &["build", "-o", "out/", "./..."]).env("GOROOT", sdk()).output().unwrap();
    assert_eq!(built.status.code(), Some(0), "{}", text(&built.stderr));
    let empty = folder.path().join("empty");
    let mut command = Command::new(folder.path().join("out/counts"));
    let ran = command.args(["a", "b", "c"]).env("XDG_CACHE_HOME", &empty).env_remove("GOROOT").output().unwrap();
    assert_eq!((ran.status.code(), text(&ran.stderr).as_str()), (Some(3), "true\n"));
    assert!(!empty.exists());
}

#[test]
fn executable_reports_races() {
    let folder = folder(&[("main.go", RACE), ("after.go", "package main\n\nfunc after() {}\n")]);
    let built = gorace(folder.path(), &["build", "-o", "prog", "."]).env("GOROOT", sdk()).output().unwrap();
    assert_eq!(built.status.code(), Some(0), "{}", text(&built.stderr));
    let ran = Command::new(folder.path().join("prog")).output().unwrap();
    assert_eq!(ran.status.code(), Some(66), "{}", text(&ran.stderr));
    assert!(text(&ran.stderr).contains("WARNING: DATA RACE"), "{}", text(&ran.stderr));
}

#[test]
fn executable_of_what_is_no_program() {
    let folder = folder(&[
        ("go.mod", "module example.com/m\n\ngo 1.27\n"),
        ("a/a.go", "package a\n"),
        ("b/b.go", "package b\n"),
    ]);
    let build = |arguments: &[&str], words: &[&str]| {
        let mut command = gorace(folder.path(), &[&["build", "-o"], arguments].concat());
        refused(command.env("GOROOT", sdk()), words);
    };
    build(&["x", "./a"], &["a is not a main package"]);
    build(&["x", "./..."], &["cannot write multiple packages to non-directory x"]);
    build(&["out/", "./..."], &["no main packages to build"]);
}
