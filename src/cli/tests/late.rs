//! What goroutines do after `main` has returned: Go's race detector sleeps a second then, and finds it; gorace lets them go on.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs a program under race checks, with GORACE as given and on so many threads.
fn run(source: &str, gorace: &str, threads: &str) -> (Output, Duration) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.go"), source).unwrap();
    let executable = folder.path().join("main");
    let mut build = Command::new(env!("CARGO_BIN_EXE_gorace"));
    let built =
        build.args(["build", "-o"]).arg(&executable).arg("main.go").current_dir(folder.path()).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let began = Instant::now();
    let mut command = Command::new(&executable);
    command.env("GORACE", format!("threads={threads} {gorace}")).stdin(Stdio::null());
    (command.output().unwrap(), began.elapsed())
}

const LATE: &str = r#"package main

import (
	"fmt"
	"time"
)

var x int

func main() {
	go func() {
		time.Sleep(300 * time.Millisecond)
		x = 1
		fmt.Println("late")
	}()
	go func() {
		time.Sleep(1300 * time.Millisecond)
		fmt.Println("too late")
	}()
	OTHER
	x = 2
}
"#;

/// Both for one thread and for several.
fn each(other: &str, gorace: &str, check: impl Fn(i32, &str, Duration)) {
    for threads in ["1", "4"] {
        let (output, took) = run(&LATE.replace("OTHER", other), gorace, threads);
        check(output.status.code().unwrap(), &String::from_utf8_lossy(&output.stdout), took);
    }
}

#[test]
fn what_comes_within_a_second_of_the_end_counts_and_nobody_waits_for_it() {
    each("", "", |status, said, took| {
        assert_eq!((status, said), (66, "late\n"));
        assert!(took < Duration::from_millis(1000), "{took:?}");
    });
}

#[test]
fn a_goroutine_that_never_ends_does_not_hold_the_end_up() {
    each("go func() { for { } }()", "", |status, said, took| {
        assert_eq!((status, said), (66, "late\n"));
        assert!(took < Duration::from_millis(1000), "{took:?}");
    });
    // Neither does one that waits for what never comes, or one that a ticker wakes again and again.
    each(
        "go func() { select { } }(); go func() { for range time.Tick(time.Millisecond) { } }()",
        "",
        |status, said, _| {
            assert_eq!((status, said), (66, "late\n"));
        },
    );
}

#[test]
fn without_the_sleep_the_end_is_the_end() {
    each("", "atexit_sleep_ms=0", |status, said, _| assert_eq!((status, said), (0, "")));
    each("", "atexit_sleep_ms=200", |status, said, _| assert_eq!((status, said), (0, "")));
    each("", "atexit_sleep_ms=1500", |status, said, _| assert_eq!((status, said), (66, "late\ntoo late\n")));
}

#[test]
fn a_panic_after_the_end_has_not_happened() {
    each("go func() { time.Sleep(time.Millisecond); panic(1) }()", "", |status, said, _| {
        assert_eq!((status, said), (0, ""));
    });
}
