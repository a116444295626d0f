//! Programs that run to their end and print: corners of the language, compiled and executed.
//!
//! Each program's output is what Go prints; where the SDK's `go` can be found, it says so itself.

mod printing;

use printing::{folder_of, prints, prints_beside};
use std::process::Command;

#[test]
fn embedded_files() {
    let files = [
        ("a.txt", "hello"),
        ("empty.txt", ""),
        ("d/b.txt", "hello"),
        ("d/e/c.txt", "deep"),
        ("d/.hidden", "hid"),
        ("d.x", "sorts between d and its files"),
    ];
    prints_beside(
        &files,
        r#"import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed a.txt
var text string

type bytes []byte

//go:embed a.txt
var writable bytes

var (
	//go:embed a.txt
	other []byte
	//go:embed empty.txt
	none string
)

//go:embed a.txt d.x
//go:embed d
var files embed.FS

//go:embed all:d
var all embed.FS

//go:embed a.txt
var _ embed.FS

var copied = text + "!"

func main() {
	writable[0] = 'j'
	fmt.Println(text, string(writable), cap(writable), string(other), none == "", copied)
	for _, fsys := range []embed.FS{files, all} {
		fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
			info, _ := d.Info()
			fmt.Println(path, d.IsDir(), info.Size(), info.Mode(), err)
			return nil
		})
	}
	data, err := files.ReadFile("d/e/c.txt")
	fmt.Println(string(data), err)
	_, err = files.ReadFile("d/.hidden")
	fmt.Println(err)
	names, err := fs.Glob(files, "*/*.txt")
	fmt.Println(names, err)
}
"#,
        "hello jello 5 hello true hello!\n\
         . true 0 dr-xr-xr-x <nil>\na.txt false 5 -r--r--r-- <nil>\nd true 0 dr-xr-xr-x <nil>\n\
         d/b.txt false 5 -r--r--r-- <nil>\nd/e true 0 dr-xr-xr-x <nil>\nd/e/c.txt false 4 -r--r--r-- <nil>\n\
         d.x false 29 -r--r--r-- <nil>\n\
         . true 0 dr-xr-xr-x <nil>\nd true 0 dr-xr-xr-x <nil>\nd/.hidden false 3 -r--r--r-- <nil>\n\
         d/b.txt false 5 -r--r--r-- <nil>\nd/e true 0 dr-xr-xr-x <nil>\nd/e/c.txt false 4 -r--r--r-- <nil>\n\
         deep <nil>\nopen d/.hidden: file does not exist\n[d/b.txt] <nil>\n",
    );
}

#[test]
fn variables_that_cannot_embed() {
    for (declaration, wanted) in [
        ("//go:embed a.txt\nvar a int", "./main.go:6:5: go:embed cannot apply to var of type int"),
        ("//go:embed a.txt b.txt\nvar a string", "./main.go:6:5: invalid go:embed: multiple files for type string"),
        ("//go:embed a.txt\nvar a, b string", "./main.go:5:3: go:embed cannot apply to multiple vars"),
        ("//go:embed a.txt\nvar a = \"\"", "./main.go:5:3: go:embed cannot apply to var with initializer"),
    ] {
        let folder = folder_of(
            &[("a.txt", "a"), ("b.txt", "b")],
            &format!("import _ \"embed\"\n\n{declaration}\n\nfunc main() {{ _ = a }}\n"),
        );
        let run = |program: &str| {
            let output = Command::new(program).args(["build", "."]).current_dir(folder.path()).output().unwrap();
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        let said = run(env!("CARGO_BIN_EXE_gorace"));
        assert_eq!(said, format!("# example.com/m\n{wanted}\n"));
        if std::env::var_os("GORACE_TEST_AGAINST_GO").is_some() {
            assert_eq!(run("go"), said, "Go itself");
        }
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
fn what_is_called_is_read_before_or_after_the_arguments() {
    prints(
        r#"import "fmt"

type number int

type pair struct{ left, right int }

type caller interface{ call(int) }

func (n number) call(v int) { fmt.Println("number", int(n), v) }

func (p pair) call(v int) { fmt.Println(p, v) }

var functions []func(int)

func table() []func(int) { return functions }

func show(v int) func(int) { return func(at int) { fmt.Println("function", v, at) } }

func try(f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(r)
		}
	}()
	f()
}

func main() {
	x, p, list := 1, pair{1, 2}, []caller{number(1)}
	var held struct{ caller }
	add := func() int {
		x, p.left = x+10, p.left+10
		list[0], held.caller, functions = p, p, []func(int){show(x)}
		return x
	}
	functions, held.caller = []func(int){show(x)}, number(1)
	caller(number(x)).call(add())
	functions[0](add())
	try(func() { defer caller(number(x)).call(add()) })
	try(func() { defer caller(p).call(add()) })
	try(func() { defer caller(pair{x, 0}).call(add()) })
	method, v := caller(number(x)).call, add()
	method(v)
	list[0], functions = number(0), []func(int){show(0)}
	list[len(list)-1].call(add())
	table()[0](add())
	list[0] = number(0)
	try(func() { defer list[0].call(add()) })
	held.caller = number(0)
	held.call(add())
	outside := len(list)
	try(func() { defer functions[outside](list[outside+1].(number).left()) })
	try(func() { functions[outside](list[outside+1].(number).left()) })
	try(func() { table()[outside](list[outside+1].(number).left()) })
	var none caller
	try(func() { defer none.call(add()); fmt.Println("not here") })
	fmt.Println(x)
}

func (n number) left() int { return int(n) }
"#,
        "number 1 11\nfunction 21 21\nnumber 31 31\n{41 2} 41\n{41 0} 51\nnumber 61 61\nnumber 0 71\n\
             function 71 81\n{91 2} 91\n{101 2} 101\nruntime error: index out of range [2] with length 1\n\
             runtime error: index out of range [2] with length 1\n\
             runtime error: index out of range [1] with length 1\n\
             runtime error: invalid memory address or nil pointer dereference\n111\n",
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

#[test]
fn assignments_of_several_check_indices_when_they_assign() {
    prints(
        r#"import "fmt"

func try(name string, f func(m map[int]int)) {
	m := map[int]int{}
	defer func() { fmt.Println(name, m, recover()) }()
	f(m)
}

type grid struct{ cells [3]int }

func main() {
	var s []int
	var p *[4]int
	var g *grid
	i, big := 1, 7
	try("slice", func(m map[int]int) { m[2], s[i] = 2, 2 })
	try("pointer", func(m map[int]int) { m[2], p[i] = 3, 2 })
	try("index", func(m map[int]int) { m[2], new([4]int)[big] = 4, 2 })
	try("field", func(m map[int]int) { m[2], g.cells[i] = 5, 2 })
	a, b := []int{1, 2, 3}, [1]int{9}
	a[0], a[2], b[0] = a[2], a[0], a[1]
	i, a[i] = 2, 5
	fmt.Println(a, b, i)
}
"#,
        "slice map[2:2] runtime error: index out of range [1] with length 0\n\
         pointer map[2:3] runtime error: invalid memory address or nil pointer dereference\n\
         index map[2:4] runtime error: index out of range [7] with length 4\n\
         field map[2:5] runtime error: invalid memory address or nil pointer dereference\n[3 5 1] [2] 2\n",
    );
}

#[test]
fn a_deferred_recover_counts_as_called_by_who_defers_it() {
    prints(
        r#"import (
	"fmt"
	"runtime"
)

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func where() {
	_, _, line, _ := runtime.Caller(1)
	fmt.Println("deferred by line", line)
}

func main() {
	try("itself", func() {
		defer recover()
		panic(1)
	})
	try("within", func() {
		defer func() { defer recover() }()
		panic(2)
	})
	try("newer", func() {
		defer func() {
			defer func() { fmt.Println("inner", recover()) }()
			defer recover()
			panic(3)
		}()
		panic(4)
	})
	func() {
		defer where()
	}()
}
"#,
        "itself 1\nwithin <nil>\ninner 3\nnewer 4\ndeferred by line 37\n",
    );
}

#[test]
fn addresses_of_parts_of_nil_panic() {
    prints(
        r#"import "fmt"

type part struct{}

func (*part) method() int { return 1 }

type whole struct {
	part
	name string
	list [4]int
	big  [1 << 20]byte
}

func try(f func() any) {
	defer func() { fmt.Println(recover() != nil) }()
	fmt.Println(f())
}

func main() {
	var w *whole
	i := 1
	try(func() any { return &w.list[i] })
	try(func() any { return &w.list[0] })
	try(func() any { return &w.big[1<<19] })
	try(func() any { return w.part.method() })
	try(func() any { return w.method() })
	w = new(whole)
	try(func() any { return *&w.list[i] + w.part.method() })
}
"#,
        "true\ntrue\ntrue\ntrue\ntrue\n1\nfalse\n",
    );
}

#[test]
fn blank_fields_aliases_and_comparisons() {
    prints(
        r#"import (
	"fmt"
	"reflect"
	"unsafe"
)

type number = int

type named struct{ number }
type plain struct{ int }

var static = struct{ a, _, c int }{1, 2, 3}

func value(n int) int {
	fmt.Print("evaluated ")
	return n
}

type texts struct {
	first string
	n     int
	last  string
}

func main() {
	dynamic := struct {
		a, _, c int
		s, _   string
	}{value(1), value(2), value(3), "s", "blank"}
	fmt.Println(reflect.ValueOf(static).Field(1).Int(), reflect.ValueOf(dynamic).Field(1).Int(),
		reflect.ValueOf(dynamic).Field(4).String() == "")
	var x, y any = struct{ number }{1}, struct{ int }{1}
	fmt.Println(x == y, reflect.TypeOf(x) == reflect.TypeOf(y), reflect.TypeOf(unsafe.Pointer(nil)).PkgPath())
	bad := unsafe.String((*byte)(unsafe.Pointer(uintptr(1<<40))), 3)
	var p, q any = texts{bad, 1, "a"}, texts{"abc", 2, "b"}
	fmt.Println(p == q, texts{"abc", 1, "a"} == texts{"abc", 1, "a"}, texts{"abd", 1, "a"} == texts{"abc", 1, "a"})
}
"#,
        "evaluated evaluated evaluated 0 0 true\nfalse false unsafe\nfalse true false\n",
    );
}

#[test]
fn a_fault_is_on_the_line_of_the_load() {
    prints(
        r#"import (
	"fmt"
	"runtime"
)

type node struct{ kind int32 }

func line() {
	recover()
	pcs := make([]uintptr, 20)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for {
		frame, more := frames.Next()
		if frame.Function == "main.add" || frame.Function == "main.choose" {
			fmt.Println(frame.Function, frame.Line)
			return
		}
		if !more {
			return
		}
	}
}

var sink int64

//go:noinline
func add(p *int32) {
	defer line()
	v := *p
	sink = int64(v)
}

//go:noinline
func choose(n *node) {
	defer line()
	switch n.kind {
	case 0:
		sink = 1
	case 1:
		sink = 2
	}
}

func main() {
	add(nil)
	choose(nil)
}
"#,
        "main.add 31\nmain.choose 38\n",
    );
}

#[test]
fn pointer_types_that_only_reflection_asks_for_have_their_methods() {
    prints(
        r#"import (
	"encoding/json"
	"fmt"
	"reflect"
)

type digit byte

func (d *digit) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(`"n%d"`, *d)), nil }

type nilled string

func (n *nilled) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(n == nil)), nil }

type box[T any] struct{ v T }

func (b *box[T]) String() string { return fmt.Sprint("box of ", b.v) }

type holder struct{ M json.Marshaler }

func main() {
	text, err := json.Marshal([]digit{1, 2})
	fmt.Println(string(text), err)
	text, err = json.Marshal(holder{(*nilled)(nil)})
	fmt.Println(string(text), err)
	v := reflect.New(reflect.TypeOf(box[int]{3}))
	s, ok := v.Interface().(fmt.Stringer)
	fmt.Println(s, ok, v.NumMethod())
}
"#,
        "[\"n1\",\"n2\"] <nil>\n{\"M\":true} <nil>\nbox of 0 true 1\n",
    );
}

#[test]
fn bytes_are_looked_up_and_compared_as_strings() {
    prints(
        r#"import "fmt"

type name string

func main() {
	b := []byte("one")
	m := map[string]int{"one": 1, "two": 2}
	n := map[name]bool{"one": true}
	fmt.Println(m[string(b)], n[name(b)], string(b) == "one", string(b[:2]) != "on", string(b) < "p")
	m[string(b)] = 7
	b[0] = 'x'
	_, ok := m[string(b)]
	fmt.Println(m["one"], ok, m[string(b[:0])])
	kept := string(b)
	b[0] = 'y'
	fmt.Println(kept, string(b))
}
"#,
        "1 true true false true\n7 false 0\nxne yne\n",
    );
}

#[test]
fn the_deadline_of_a_closed_file_is_not_that_of_the_next_one() {
    prints(
        r#"import (
	"fmt"
	"os"
	"time"
)

func main() {
	r, w, _ := os.Pipe()
	fmt.Println(r.SetDeadline(time.Now().Add(20*time.Millisecond)), w.SetDeadline(time.Now().Add(20*time.Millisecond)))
	r.Close()
	w.Close()
	r, w, _ = os.Pipe()
	fmt.Println(r.SetDeadline(time.Time{}), w.SetDeadline(time.Time{}))
	time.Sleep(50 * time.Millisecond)
	_, err := w.Write([]byte("x"))
	fmt.Println(err)
	n, err := r.Read(make([]byte, 2))
	fmt.Println(n, err)
	r.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, err = r.Read(make([]byte, 2))
	fmt.Println(err)
}
"#,
        "<nil> <nil>\n<nil> <nil>\n<nil>\n1 <nil>\nread |0: i/o timeout\n",
    );
}
