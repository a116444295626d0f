//! What a program can see of the collector: pools that it empties, timers that it takes, goroutines that are not switched while they
//! are pinned.

use std::process::{Command, Output, Stdio};

/// Runs gorace on a program's source.
fn gorace(arguments: &[&str], environment: &[(&str, &str)], source: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.go"), source).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gorace"));
    command.args(arguments).arg("main.go").current_dir(folder.path()).stdin(Stdio::null());
    command.env_remove("GORACE").envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_string()
}

#[track_caller]
fn prints(arguments: &[&str], environment: &[(&str, &str)], source: &str, wanted: &str) {
    let output = gorace(arguments, environment, source);
    assert_eq!(text(&output.stdout), wanted, "{arguments:?} {environment:?}: {}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?} {environment:?}: {}", text(&output.stderr));
}

/// A run with checks, one without, one on threads, one of a seed; and under the collector's stress modes.
#[track_caller]
fn prints_in_all_modes(source: &str, wanted: &str) {
    for arguments in [&["run"][..], &["run", "--no-race"], &["run", "--threads", "4"], &["run", "--seed", "3"]] {
        prints(arguments, &[], source, wanted);
    }
    for stress in ["stress", "incremental"] {
        prints(&["run"], &[("GORACE_GC", stress)], source, wanted);
    }
    prints(&["run"], &[("GORACE_SWITCH", "always")], source, wanted);
}

/// The first collection moves what a pool holds aside, the second drops it; what was taken back in between stays.
#[test]
fn pools_are_emptied_by_two_collections() {
    prints_in_all_modes(
        r#"package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

type object struct{ number, more int }

func main() {
	debug.SetGCPercent(-1)
	var pool sync.Pool
	gone := make(chan int, 100)
	for i := range 100 {
		o := &object{number: i}
		runtime.SetFinalizer(o, func(o *object) { gone <- o.number })
		pool.Put(o)
		o = nil
	}
	// With race checks a pool drops some at once.
	for range 4 {
		runtime.GC()
	}
	count := 0
	for count < 99 {
		select {
		case <-gone:
			count++
		case <-time.After(10 * time.Second):
			fmt.Println("only", count)
			return
		}
	}
	fmt.Println(pool.Get() == nil)
}
"#,
        "true\n",
    );
}

/// Timers and tickers that nobody refers to go; those that somebody waits for, or that call a function, do not.
#[test]
fn timers_nobody_refers_to_are_collected() {
    prints_in_all_modes(
        r#"package main

import (
	"fmt"
	"runtime"
	"time"
)

func main() {
	gone := make(chan bool, 100)
	for i := range 50 {
		ticker := time.NewTicker(time.Hour + time.Duration(i))
		runtime.AddCleanup(ticker, func(int) { gone <- true }, 0)
		timer := time.NewTimer(time.Hour)
		runtime.AddCleanup(timer, func(int) { gone <- true }, 0)
	}
	called := make(chan string)
	time.AfterFunc(50*time.Millisecond, func() { called <- "called" })
	waited := make(chan bool)
	go func() {
		<-time.After(20 * time.Millisecond)
		waited <- true
	}()
	go func() {
		select {
		case <-time.NewTicker(30 * time.Millisecond).C:
			waited <- true
		}
	}()
	for range 4 {
		runtime.GC()
	}
	for count := 0; count < 98; count++ {
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			fmt.Println("only", count)
			return
		}
	}
	fmt.Println(<-waited, <-waited, <-called)
}
"#,
        "true true called\n",
    );
}

/// A ticker that nobody waits for wakes nobody.
#[test]
fn a_running_ticker_hides_no_deadlock() {
    let source = r#"package main

import "time"

func main() {
	ticker := time.NewTicker(time.Millisecond)
	never := make(chan bool)
	<-never
	<-ticker.C
}
"#;
    for arguments in [&["run"][..], &["run", "--threads", "4"], &["check", "--schedules", "20"]] {
        let output = gorace(arguments, &[], source);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.contains("all goroutines are asleep"), "{arguments:?}: {said}");
    }
}

/// Between `procPin` and `procUnpin` nobody else runs, even where each turn of a loop is a chance to switch.
#[test]
fn a_pinned_goroutine_is_not_switched() {
    let source = r#"package main

import (
	"fmt"
	"sync"
	_ "unsafe"
)

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

var inside, mixed int

//go:norace
func section() {
	procPin()
	inside++
	for range 1000 {
		if inside != 1 {
			mixed++
		}
	}
	inside--
	procUnpin()
}

func main() {
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 20 {
				section()
			}
		}()
	}
	wg.Wait()
	fmt.Println(mixed)
}
"#;
    prints(&["run"], &[("GORACE_SWITCH", "always")], source, "0\n");
    for seed in ["1", "2", "3", "4", "5"] {
        prints(&["run", "--seed", seed], &[], source, "0\n");
        prints(&["run", "--seed", seed], &[("GORACE_SWITCH", "always")], source, "0\n");
    }
}

/// A loop that calls nothing is switched out at each turn.
#[test]
fn always_switches_at_each_turn_of_a_loop() {
    let source = r#"package main

import "fmt"

var turn int

func main() {
	done := make(chan int)
	for me := range 2 {
		go func() {
			seen := 0
			for range 1000 {
				if turn != me {
					seen++
				}
				turn = me
			}
			done <- seen
		}()
	}
	a, b := <-done, <-done
	fmt.Println(a > 900 && b > 900)
}
"#;
    prints(&["run", "--no-race"], &[("GORACE_SWITCH", "always")], source, "true\n");
    prints(&["run", "--no-race"], &[], source, "false\n");
}
