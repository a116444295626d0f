//! Programs that run to their end and print: what lies in frames, deferred calls, and what waits outside of the program.

mod printing;

use printing::prints;

#[test]
fn short_strings_in_frames_last_as_long_as_they_are_used() {
    prints(
        r#"import (
	"fmt"
	"runtime"
	"strings"
)

type pair struct{ left, right string }

var kept []string

//go:noinline
func count(b []byte) (n int) {
	for _, c := range b {
		n += int(c)
	}
	b[0] = '#'
	return n
}

//go:noinline
func trash(n int) (sum int) {
	var room [256]byte
	for i := range room {
		room[i] = byte(n)
	}
	for _, c := range room {
		sum += int(c)
	}
	return sum
}

func last(words []byte) string {
	previous := ""
	for i := range words {
		s := string(words[i:])
		if i > 0 && len(s) >= len(previous) {
			panic("not shorter")
		}
		previous = s
		trash(i)
	}
	return previous
}

func main() {
	b := []byte("hello")
	total := 0
	held := map[string]int{}
	results := make(chan string, 3)
	var pairs []pair
	for i := range 5 {
		s := string(b[:i])
		t := s + "x" + fmt.Sprint(i)
		total += count([]byte(t)) + len(s)
		if string(b) == t || t < string(b) || string(b[1:]) == string(b[:4]) {
			total++
		}
		r := string(rune('a' + i))
		if r == "c" {
			total += 100
		}
		c := []byte(r)
		c = append(c, strings.Repeat("0123456789", 5)...)
		total += count(c)
		held[string(b[i:])] = i
		pairs = append(pairs, pair{s + "!", r})
		kept = append(kept, string(b[i:]))
		if i < 3 {
			results <- string(b[:i+1])
		}
		go func() { _ = s + r }()
	}
	runtime.GC()
	trash(7)
	fmt.Println(total, held[string(b)], held["lo"], pairs, kept, last(b))
	fmt.Println(<-results, <-results, <-results, cap([]byte("four")))
	changed := []byte("changed")
	for i, c := range []byte(string(changed)) {
		changed[len(changed)-1-i] = c
	}
	fmt.Println(string(changed), string(changed) == "chanahc", string(changed)+"" == "chanahc")
}
"#,
        "15623 0 3 [{! a} {h! b} {he! c} {hel! d} {hell! e}] [hello ello llo lo o] o\nh he hel 4\ndegnahc false false\n",
    );
}

#[test]
fn deferred_calls_are_recorded_in_frames_and_on_the_heap() {
    prints(
        r#"import (
	"errors"
	"fmt"
	"iter"
)

func numbers(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("end ")
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func loops(n int) {
	defer fmt.Println("out")
	for i := range n {
		defer fmt.Print("loop ", i, " ")
	}
	for i := range numbers(n) {
		defer fmt.Print("range ", i, " ")
	}
	if n > 1 {
		defer fmt.Print("if ")
	}
}

func recovers(n int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(err, fmt.Errorf("recovered %v", r))
		}
	}()
	if n == 0 {
		panic("zero")
	}
	defer func() { err = errors.Join(err, recovers(n-1)) }()
	defer func() { panic(fmt.Sprint("again ", n)) }()
	panic(n)
}

func goes(n int) {
again:
	defer fmt.Print("goto ", n, " ")
	n--
	if n > 0 {
		goto again
	}
}

func main() {
	loops(2)
	fmt.Printf("%q\n", recovers(2).Error())
	goes(3)
	fmt.Println()
}
"#,
        "end if range 1 range 0 loop 1 loop 0 out\n\
         \"recovered zero\\nrecovered again 1\\nrecovered again 2\"\n\
         goto 1 goto 2 goto 3 \n",
    );
}

#[test]
fn a_named_pipe_is_opened_from_both_ends() {
    prints(
        r#"import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

func main() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "pipe")
	fmt.Println(syscall.Mkfifo(name, 0o600))
	go func() {
		w, err := os.OpenFile(name, os.O_WRONLY, 0)
		fmt.Fprint(w, "through ", err)
		w.Close()
	}()
	r, err := os.Open(name)
	text, _ := io.ReadAll(r)
	fmt.Println(string(text), err)
}
"#,
        "<nil>\nthrough <nil> <nil>\n",
    );
}

#[test]
fn the_channel_of_a_timer_looks_unbuffered() {
    prints(
        r#"import (
	"fmt"
	"time"
)

func main() {
	timer := time.NewTimer(time.Millisecond)
	time.Sleep(5 * time.Millisecond)
	fmt.Println(len(timer.C), cap(timer.C))
	<-timer.C
}
"#,
        "0 0\n",
    );
}

#[test]
fn small_maps_in_frames_grow_out_of_them_and_may_be_left_behind() {
    prints(
        r#"import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"
)

type key struct {
	name string
	id   int
}

var kept map[int]*int

//go:noinline
func fill(m map[key]*int, n int) {
	for i := range n {
		m[key{fmt.Sprint("k", i), i}] = &i
	}
}

//go:noinline
func sum(m map[key]*int) (total int) {
	for k, p := range m {
		total += *p * len(k.name)
	}
	return total
}

func inLoop(n int) (text string) {
	var previous map[int]*int
	for i := range n {
		m := map[int]*int{0: &i}
		if previous != nil {
			text += fmt.Sprint(*previous[0], len(previous), " ")
		}
		m[1] = new(int)
		if i%2 == 0 {
			previous = m
		}
		if i == 3 {
			kept = m
		}
		runtime.GC()
	}
	return text
}

func each(m map[string]int, do func(string, int)) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		do(k, m[k])
	}
}

func main() {
	for _, n := range []int{3, 8, 9, 40} {
		m := make(map[key]*int)
		fill(m, n)
		runtime.GC()
		fmt.Println(n, len(m), sum(m), *m[key{"k2", 2}])
		clear(m)
		fill(m, 2)
		delete(m, key{"k0", 0})
		fmt.Println(len(m), sum(m))
	}
	fmt.Println(inLoop(6), *kept[0], *kept[1])
	words := map[string]int{"a": 1, "b": 2}
	words["c"] += 3
	words["a"]++
	each(words, func(k string, n int) { words[k] = n + 1; fmt.Print(k, n, " ") })
	fmt.Println(words)
	var any any = map[[2]int8]func() int{{1, 2}: func() int { return len(words) }}
	fmt.Println(any.(map[[2]int8]func() int)[[2]int8{1, 2}]())
	fmt.Println(testing.AllocsPerRun(20, func() {
		seen := make(map[key]bool, 8)
		for i := range 20 {
			seen[key{"x", i % 8}] = true
		}
		for k := range seen {
			delete(seen, k)
		}
		if len(seen) != 0 {
			panic("not empty")
		}
	}))
}
"#,
        "3 3 6 2\n\
         1 2\n\
         8 8 56 2\n\
         1 2\n\
         9 9 72 2\n\
         1 2\n\
         40 40 2295 2\n\
         1 2\n\
         0 2 0 2 2 2 2 2 4 2  3 0\n\
         a2 b2 c3 map[a:3 b:3 c:4]\n\
         3\n\
         0\n",
    );
}

#[test]
fn what_does_not_escape_is_not_allocated() {
    prints(
        r#"import (
	"fmt"
	"math/big"
	"os"
	"reflect"
	"strconv"
	"testing"
)

var sum int

func main() {
	b := []byte("12345")
	long := make([]byte, 100)
	m := map[string]int{"12345": 1}
	x := big.NewInt(3)
	null, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	v := reflect.ValueOf(map[int]int{5: 1})
	key, value := reflect.ValueOf(5), reflect.ValueOf(7)
	for i, f := range []func(){
		func() { n, _ := strconv.Atoi(string(b)); sum += n },
		func() { sum += len(string(b) + "-" + string(b)) },
		func() { sum += m[string(b)] },
		func() {
			if string(long) == string(long[1:]) {
				sum++
			}
		},
		func() { defer func() { sum++ }() },
		func() { x.Add(x, big.NewInt(int64(sum))) },
		func() { null.WriteString("text that goes nowhere, and is longer than a short buffer") },
		func() { v.SetMapIndex(key, value) },
		func() {
			for _, c := range []byte(strconv.Itoa(7)) {
				sum += int(c)
			}
		},
	} {
		if n := testing.AllocsPerRun(1, f); n != 0 {
			fmt.Println(i, n)
		}
	}
	fmt.Println("done")
}
"#,
        "done\n",
    );
}

#[test]
fn bodies_of_loops_over_functions_defer_for_the_function_with_the_loop() {
    prints(
        r#"import (
	"fmt"
	"iter"
)

func nested(yieldTo func(int)) (result int) {
	seq := func(n int) iter.Seq[int] {
		return func(yield func(int) bool) {
			defer func() { fmt.Println("seq", n, recover()) }()
			for i := range n {
				if !yield(i) {
					return
				}
			}
		}
	}
	defer func() { fmt.Println("outer", recover(), result); result *= 2 }()
	for i := range seq(2) {
		defer func() { fmt.Println("first", i) }()
		for j := range seq(2) {
			defer func() { fmt.Println("second", i, j); result++ }()
			if i == 1 && j == 1 {
				defer func() { panic("from a body's deferred call") }()
				return 10
			}
		}
	}
	return 3
}

func recovered() (err error) {
	for i := range func(yield func(int) bool) { yield(1); yield(2) } {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%v in %d", r, i)
			}
		}()
		if i == 2 {
			panic("body")
		}
	}
	return nil
}

func main() {
	fmt.Println(nested(nil))
	fmt.Println(recovered())
	func() {
		for i := range 3 {
			for range func(yield func() bool) { yield() } {
				defer fmt.Println("in a loop", i)
			}
		}
	}()
}
"#,
        "seq 2 <nil>\n\
         seq 2 <nil>\n\
         seq 2 <nil>\n\
         second 1 1\n\
         second 1 0\n\
         first 1\n\
         second 0 1\n\
         second 0 0\n\
         first 0\n\
         outer from a body's deferred call 14\n\
         28\n\
         body in 2\n\
         in a loop 2\n\
         in a loop 1\n\
         in a loop 0\n",
    );
}
