//! Goroutines that tests leave and tests that can never end, in plain `gorace test`: whose they are, what becomes of the test, and what is
//! none. A module of the tests of `gorace test`.

use crate::{module, test};
use std::time::{Duration, Instant};

const LEAKS: &str = r#"package p

import (
	"context"
	"testing"
	"time"
)

func TestSends(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }()
}

func TestParts(t *testing.T) {
	t.Run("first", func(t *testing.T) {
		c := make(chan int)
		go func() { <-c }()
	})
	t.Run("second", func(t *testing.T) {})
}

func TestLostCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	go func() { <-ctx.Done() }()
}

func TestLate(t *testing.T) {
	c := make(chan int)
	go func() {
		time.Sleep(100 * time.Millisecond)
		c <- 1
	}()
}
"#;

const CLEAN: &str = r#"package p

import (
	"context"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"testing"
	"time"
	"weak"
)

var global = make(chan int)

type janitor struct{ stop chan int }

func TestCanGoOn(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	_ = cancel
	go func() { <-ctx.Done() }()
	go time.Sleep(time.Hour)
	go func() { <-global }()
	tick := time.NewTicker(time.Hour)
	go func() {
		for range tick.C {
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go l.Accept()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	go func() { <-signals }()
}

func TestIsEnded(t *testing.T) {
	outer, cleaned := make(chan int), make(chan int)
	t.Cleanup(func() { close(cleaned) })
	go func() { <-cleaned }()
	t.Run("part", func(t *testing.T) { go func() { <-outer }() })
	close(outer)
}

func TestEndsWithItsOwner(t *testing.T) {
	j := &janitor{make(chan int)}
	go func(stop chan int) { <-stop }(j.stop)
	runtime.SetFinalizer(j, func(j *janitor) { close(j.stop) })
}

var known []weak.Pointer[janitor]

func TestWeak(t *testing.T) {
	j := &janitor{make(chan int)}
	known = append(known, weak.Make(j))
	go func() {
		<-j.stop
		runtime.KeepAlive(j)
	}()
}

func TestCommand(t *testing.T) {
	if err := exec.Command("sleep", "1.2").Run(); err != nil {
		t.Fatal(err)
	}
}

func TestSideBySide(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			time.Sleep(10 * time.Millisecond)
		})
	}
}
"#;

const DEAD: &str = r#"package p

import (
	"sync"
	"testing"
	"time"
)

var a, b sync.Mutex

func TestFine(t *testing.T) {}

func TestAlone(t *testing.T) {
	var wg sync.WaitGroup
	c := make(chan int)
	wg.Go(func() { c <- 1 })
	wg.Wait()
}

func ticks() {
	for {
		time.Sleep(10 * time.Millisecond)
	}
}

func TestBesideOthers(t *testing.T) {
	go ticks()
	t.Run("part", func(t *testing.T) { <-make(chan int) })
}

func TestCircle(t *testing.T) {
	go ticks()
	var both, wg sync.WaitGroup
	both.Add(2)
	take := func(one, other *sync.Mutex) {
		one.Lock()
		both.Done()
		both.Wait()
		other.Lock()
	}
	wg.Go(func() { take(&a, &b) })
	wg.Go(func() { take(&b, &a) })
	wg.Wait()
}
"#;

#[test]
fn what_a_test_leaves_is_told_with_the_test() {
    let module = module(&[("p/p_test.go", LEAKS)]);
    let (status, said, errors) = test(&module, &["./p"]);
    assert_eq!(status, Some(0), "{said}{errors}");
    for words in [
        "warning[goroutine-leak]: TestSends leaves goroutine",
        "p_test.go:11:",
        "was started at p_test.go:11 in example.com/m/p.TestSends",
        "TestParts/first leaves goroutine",
        "TestLostCancel leaves goroutine",
        "TestLate leaves goroutine",
        "ok  \texample.com/m/p\t0.0s\n",
    ] {
        assert!(said.contains(words), "{words:?} is not said in:\n{said}");
    }
    assert_eq!(said.matches("warning[goroutine-leak]").count(), 4, "{said}");
    let (status, said, _) = test(&module, &["--leaks=off", "./p"]);
    assert_eq!((status, said.as_str()), (Some(0), "ok  \texample.com/m/p\t0.0s\n"));
}

#[test]
fn the_test_that_leaves_something_fails_if_that_is_asked_for() {
    let module = module(&[("p/p_test.go", LEAKS)]);
    let (status, said, errors) = test(&module, &["-leaks=fail", "./p"]);
    assert_eq!(status, Some(1), "{said}{errors}");
    for words in [
        "error[goroutine-leak]: TestSends leaves goroutine",
        "--- FAIL: TestSends (0.0s)\n    testing.go:",
        ": goroutines of the test can never go on\n",
        "--- FAIL: TestParts (0.0s)\n    --- FAIL: TestParts/first",
        "--- FAIL: TestLostCancel",
        "FAIL\texample.com/m/p",
    ] {
        assert!(said.contains(words), "{words:?} is not said in:\n{said}");
    }
    let (status, said, _) = test(&module, &["-leaks=fail", "-v", "-run=Late|second", "./p"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("--- PASS: TestLate") && said.contains("error[goroutine-leak]: TestLate leaves"), "{said}");
}

#[test]
fn a_warning_is_an_output_event_of_its_test() {
    let module = module(&[("p/p_test.go", LEAKS)]);
    let (status, said, errors) = test(&module, &["-json", "-run=Sends|Parts", "./p"]);
    assert_eq!(status, Some(0), "{said}{errors}");
    let events: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for name in ["TestSends", "TestParts/first"] {
        let told = events.iter().any(|e| {
            let output = e["Output"].as_str().unwrap_or_default();
            e["Test"] == name && e["Action"] == "output" && output.contains(&format!("{name} leaves goroutine"))
        });
        assert!(told, "{name}: {said}");
        assert!(events.iter().any(|e| e["Test"] == name && e["Action"] == "pass"), "{name}: {said}");
    }
}

#[test]
fn who_can_go_on_is_no_leak() {
    let module = module(&[("p/p_test.go", CLEAN)]);
    for arguments in [&["-leaks=fail", "-count=2", "./p"][..], &["-leaks=fail", "--threads=2", "./p"]] {
        let (status, said, errors) = test(&module, arguments);
        assert_eq!((status, said.as_str()), (Some(0), "ok  \texample.com/m/p\t0.0s\n"), "{errors}");
    }
}

#[test]
fn a_test_that_can_never_end_fails_at_once() {
    let module = module(&[("p/p_test.go", DEAD)]);
    let cases = [
        ("Fine|Alone", "error[deadlock]: TestAlone can never end", "running tests:\n\tTestAlone\n"),
        (
            "BesideOthers",
            "error[deadlock]: TestBesideOthers/part can never end",
            "running tests:\n\tTestBesideOthers/part\n",
        ),
        ("Circle", "error[lock-cycle]: goroutines", "running tests:\n\tTestCircle\n"),
    ];
    for (run, report, running) in cases {
        let start = Instant::now();
        let (status, said, errors) = test(&module, &["-run", run, "./p"]);
        assert_eq!(status, Some(1), "{said}{errors}");
        assert!(start.elapsed() < Duration::from_secs(60), "{run}: {:?}", start.elapsed());
        for words in [report, running, "fatal error: all goroutines", "FAIL\texample.com/m/p"] {
            assert!(said.contains(words), "{words:?} is not said in:\n{said}");
        }
    }
    let (status, said, _) = test(&module, &["-run=Alone", "--threads=2", "./p"]);
    assert!(status == Some(1) && said.contains("TestAlone can never end"), "{said}");
}

#[test]
fn what_an_earlier_test_has_left_hides_none_that_can_never_end() {
    let dead = "\nfunc TestZero(t *testing.T) { <-make(chan int) }\n";
    let module = module(&[("p/p_test.go", &[LEAKS, dead].concat())]);
    let (status, said, errors) = test(&module, &["-run=Sends|Zero", "./p"]);
    assert_eq!(status, Some(1), "{said}{errors}");
    for words in
        ["TestSends leaves goroutine", "error[deadlock]: TestZero can never end", "fatal error: all goroutines"]
    {
        assert!(said.contains(words), "{words:?} is not said in:\n{said}");
    }
}

#[test]
fn of_a_panic_the_program_tells_alone() {
    let text = "package p\n\nimport \"testing\"\n\nfunc TestPanics(t *testing.T) { panic(\"no\") }\n";
    let module = module(&[("p/p_test.go", text)]);
    let (status, said, _) = test(&module, &["./p"]);
    assert!(status == Some(1) && said.contains("panic: no") && !said.contains("error["), "{said}");
}
