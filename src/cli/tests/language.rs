//! Programs that run to their end and print: corners of the language, compiled and executed.
//!
//! Each program's output is what Go prints; where the SDK's `go` can be found, it says so itself.

use std::fs;
use std::process::{Command, Stdio};

/// Runs a program and compares what it prints on standard output.
#[track_caller]
fn prints(program: &str, wanted: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module example.com/m\n\ngo 1.27\n").unwrap();
    fs::write(folder.path().join("main.go"), format!("package main\n\n{program}")).unwrap();
    let run = |command: &mut Command| {
        let output = command.current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (String::from_utf8_lossy(&output.stdout).into_owned(), errors)
    };
    let (said, errors) = run(Command::new(env!("CARGO_BIN_EXE_gorace")).args(["run", "."]));
    assert_eq!(said, wanted, "{errors}");
    if std::env::var_os("GORACE_TEST_AGAINST_GO").is_some() {
        let (said, errors) = run(Command::new("go").args(["run", "."]));
        assert_eq!(said, wanted, "Go itself: {errors}");
    }
}

#[test]
fn deferred_functions_see_the_results_that_are_returned() {
    prints(
        r#"import "fmt"

func one() (n int) {
	defer func() { fmt.Println(n) }()
	return 5
}

func two(early bool) (n int, err error) {
	if early {
		defer func() { fmt.Println(n, err) }()
	}
	return both()
}

func both() (int, error) { return 7, fmt.Errorf("no") }

func nested() (s string) {
	for range 2 {
		func() {
			defer func() { fmt.Print(s, ";") }()
		}()
	}
	defer func() { fmt.Println(s) }()
	switch x := any(s).(type) {
	case string:
		return x + "end"
	}
	return
}

func over() (n int) {
	defer func() { fmt.Println(n) }()
	for i := range func(yield func(int) bool) { yield(9) } {
		return i
	}
	return 1
}

func changed() (n int) {
	defer func() { n *= 2 }()
	return 4
}

func main() {
	one()
	two(true)
	nested()
	over()
	fmt.Println(changed())
}
"#,
        "5\n7 no\n;;end\n9\n8\n",
    );
}

#[test]
fn methods_with_type_parameters_of_their_own() {
    prints(
        r#"import "fmt"

type box[T any] struct{ v T }

func (b box[T]) with[U any](u U) string { return fmt.Sprintf("%v %T", b.v, u) }

func (b *box[T]) set[U interface{ ~int }](f func(U) T, u U) { b.v = f(u) }

type holder struct {
	*box[string]
	n int
}

type plain struct{}

func (plain) twice[N int | float64](n N) N { return n + n }

func generic[T any](b box[T]) string { return b.with[[]T](nil) }

func main() {
	b := &box[string]{"x"}
	fmt.Println(b.with(1), b.with[error](nil))
	b.set(func(i int) string { return fmt.Sprint(i) }, 3)
	h := holder{b, 1}
	fmt.Println(h.with(2.5), h.v)
	f := h.with[rune]
	b.set(func(i int) string { return "later" }, 0)
	fmt.Println(f('a'))
	g := (*box[string]).set[int]
	g(b, func(i int) string { return "g" }, 1)
	fmt.Println(b.v, generic(*b), plain{}.twice(4), plain{}.twice(1.5), plain.twice[int](plain{}, 8))
}
"#,
        "x int x <nil>\n3 float64 3\n3 int32\ng g []string 8 3 16\n",
    );
}

#[test]
fn operands_on_the_left_are_evaluated_before_a_loop_assigns() {
    prints(
        r#"import "fmt"

func main() {
	x := []int{10, 20}
	i := 1
	for i, x[i] = range []int{99} {
	}
	fmt.Println(i, x)
	i = 0
	for i, x[i] = range map[int]int{1: 7} {
	}
	fmt.Println(i, x)
}
"#,
        "0 [10 99]\n1 [7 99]\n",
    );
}

#[test]
fn a_select_with_indexed_channels_and_targets() {
    prints(
        r#"import "fmt"

func main() {
	var in [2]chan int
	in[0] = make(chan int, 1)
	in[0] <- 5
	out := make([]int, 2)
	var i int
	select {
	case i = <-in[0]:
		out[0] = i
	case out[1] = <-in[1]:
	}
	fmt.Println(i, out)
}
"#,
        "5 [5 0]\n",
    );
}

#[test]
fn nil_pointers_panic_though_nothing_is_read() {
    prints(
        r#"import "fmt"

type empty struct{}

func (empty) value() {}

type inner struct{ n int }

func (i *inner) method() {}

type outer struct{ inner }

//go:noinline
func call(i interface{ value() }) { i.value() }

func panics(f func()) {
	defer func() { fmt.Print(recover() != nil, " ") }()
	f()
}

func main() {
	var e *empty
	var o *outer
	panics(func() { _ = *e == *e })
	panics(func() { e.value() })
	panics(func() { o.method() })
	panics(func() { _ = &o.inner })
	panics(func() { _ = o.method })
	panics(func() { _ = e.value })
	panics(func() { _ = &*o })
	func() {
		defer func() { fmt.Println(recover()) }()
		call(e)
	}()
	o = new(outer)
	panics(func() { o.method(); new(empty).value() })
}
"#,
        "true true true true true true true value method main.empty.value called using nil *empty pointer\nfalse ",
    );
}

#[test]
fn constants_become_complex_type_parameters() {
    prints(
        r#"import "fmt"

func of[T complex64 | complex128]() (T, T, T) { return T(0), T(2.5), T(-1i) }

func main() {
	fmt.Println(of[complex64]())
	fmt.Println(of[complex128]())
}
"#,
        "(0+0i) (2.5+0i) (0-1i)\n(0+0i) (2.5+0i) (0-1i)\n",
    );
}

#[test]
fn fields_after_the_first_difference_are_not_compared() {
    prints(
        r#"import "fmt"

type small struct{ x, y any }

type large struct{ a, b, c, d, e, f any }

func panics(f func() bool) {
	defer func() { fmt.Print(recover() != nil, " ") }()
	fmt.Print(f(), " ")
}

func main() {
	s := []byte{1}
	panics(func() bool { return small{1, s} == small{2, s} })
	panics(func() bool { return small{s, 1} == small{s, 2} })
	panics(func() bool { return any(small{1, s}) == any(small{"1", s}) })
	panics(func() bool { return large{b: 1, c: s} == large{b: 2, c: s} })
	panics(func() bool { return large{b: s, c: 1} == large{b: s, c: 2} })
}
"#,
        "false false true false false false false true ",
    );
}

#[test]
fn inlined_calls_are_frames_of_their_own() {
    prints(
        r#"import (
	"fmt"
	"runtime"
)

func where() (string, int) {
	pc, _, line, _ := runtime.Caller(1)
	return runtime.FuncForPC(pc).Name(), line
}

func outer() (string, int) {
	return where()
}

func inner(p *int) int { return *p }

func list() []string {
	pcs := make([]uintptr, 8)
	n := runtime.Callers(1, pcs)
	var out []string
	f := runtime.CallersFrames(pcs[:n])
	for {
		fr, more := f.Next()
		out = append(out, fmt.Sprint(fr.Function, ":", fr.Line))
		if !more {
			return out
		}
	}
}

func viaList() []string { return list() }

func idx(s []int, i int) int { return s[i] }

func main() {
	fmt.Println(where())
	fmt.Println(outer())
	fmt.Println(viaList()[:3])
	defer func() {
		fmt.Println(recover())
		for i := range 12 {
			pc, _, line, _ := runtime.Caller(i)
			if f := runtime.FuncForPC(pc); f.Name() == "main.idx" {
				fmt.Println("idx", line)
			}
		}
	}()
	idx([]int{1, 2}, 5)
}
"#,
        "main.main 38\n\
         main.outer 14\n\
         [main.list:21 main.viaList:33 main.main:40]\n\
         runtime error: index out of range [5] with length 2\n\
         idx 35\n",
    );
}
