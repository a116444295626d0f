//! Runs on several threads: what the program prints and how it ends is what one thread would give.

use std::process::{Command, Output, Stdio};

/// Runs a program's source on threads, several times; gives the outputs.
fn runs(source: &str, options: &[&str], times: usize) -> Vec<Output> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.go"), source).unwrap();
    let run = |_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gorace"));
        command.arg("run").args(options).args(["--threads", "4", "main.go"]).current_dir(folder.path());
        command.env_remove("GORACE").stdin(Stdio::null()).output().unwrap()
    };
    (0..times).map(run).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_string()
}

#[track_caller]
fn prints(source: &str, wanted: &str, times: usize) {
    for options in [&[][..], &["--no-race"]] {
        for output in runs(source, options, times) {
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert_eq!(text(&output.stdout), wanted);
        }
    }
}

/// Trees are built and dropped on all threads while the collector runs; their shapes show a lost object.
#[test]
fn heaps_are_collected_under_all_threads() {
    prints(
        r#"package main

import (
	"fmt"
	"runtime"
	"sync"
)

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func (n *node) count() int {
	if n.left == nil {
		return 1
	}
	return 1 + n.left.count() + n.right.count()
}

func main() {
	var wg sync.WaitGroup
	kept := make([]*node, 6)
	for w := range kept {
		wg.Go(func() {
			kept[w] = tree(10)
			for i := 0; i < 20; i++ {
				if n := tree(10).count(); n != 1<<11-1 {
					panic(n)
				}
				if i%8 == w {
					runtime.GC()
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range kept {
		sum += n.count()
	}
	fmt.Println(sum)
}
"#,
        "12282\n",
        3,
    );
}

/// A goroutine that only calls itself, and one that only turns in a loop, must stop when the collector asks.
#[test]
fn recursion_and_loops_stop_for_the_collector() {
    prints(
        r#"package main

import (
	"fmt"
	"runtime"
	"sync"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	var wg sync.WaitGroup
	results := make([]int, 3)
	wg.Go(func() { results[0] = fib(30) })
	wg.Go(func() {
		for i := 0; i < 20_000_000; i++ {
			results[1] += i & 1
		}
	})
	wg.Go(func() {
		for i := 0; i < 30; i++ {
			runtime.GC()
			results[2]++
		}
	})
	wg.Wait()
	fmt.Println(results)
}
"#,
        "[832040 10000000 30]\n",
        3,
    );
}

#[test]
fn channels_locks_pools_and_atomics_agree() {
    prints(
        r#"package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	var (
		wg    sync.WaitGroup
		mu    sync.RWMutex
		total atomic.Int64
		once  sync.Once
		pool  = sync.Pool{New: func() any { return new(bytes.Buffer) }}
		seen  = map[string]int{}
		jobs  = make(chan int)
		quit  = make(chan struct{})
		cond  = sync.NewCond(&sync.Mutex{})
		ready int
	)
	for range 6 {
		wg.Go(func() {
			cond.L.Lock()
			ready++
			cond.Broadcast()
			cond.L.Unlock()
			for {
				select {
				case j := <-jobs:
					b := pool.Get().(*bytes.Buffer)
					b.Reset()
					fmt.Fprintf(b, "k%d", j%7)
					if s := b.String(); !strings.HasPrefix(s, "k") || len(s) != 2 {
						panic(s)
					}
					key := b.String()
					pool.Put(b)
					mu.Lock()
					seen[key]++
					mu.Unlock()
					total.Add(int64(j))
					once.Do(func() { total.Add(1_000_000) })
				case <-quit:
					return
				}
			}
		})
	}
	cond.L.Lock()
	for ready < 6 {
		cond.Wait()
	}
	cond.L.Unlock()
	for j := range 3000 {
		jobs <- j
		if j%1000 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	close(quit)
	wg.Wait()
	mu.RLock()
	defer mu.RUnlock()
	fmt.Println(total.Load(), len(seen), seen["k3"])
}
"#,
        "5498500 7 429\n",
        3,
    );
}

/// Each function of sync/atomic, called and as a func value: without race checks the one is an instruction, the other a native.
#[test]
fn atomic_operations_agree_with_their_func_values() {
    prints(
        r#"package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

type node struct {
	next *node
	n    int
}

func main() {
	var wg sync.WaitGroup
	var n int64
	var half uint32
	var top atomic.Pointer[node]
	add, swap, and, or := atomic.AddInt64, atomic.CompareAndSwapUint32, atomic.AndInt64, atomic.OrInt64
	var bits int64 = 1<<40 - 1
	for i := range 4 {
		wg.Go(func() {
			for k := range 20_000 {
				atomic.AddInt64(&n, 3)
				add(&n, -1)
				for {
					old := atomic.LoadUint32(&half)
					if (k%2 == 0 && swap(&half, old, old+1)) || (k%2 == 1 && atomic.CompareAndSwapUint32(&half, old, old+1)) {
						break
					}
				}
				if k%500 == 0 {
					for top.Load() == nil || top.Load().n < 1000*i+k {
						old := top.Load()
						if top.CompareAndSwap(old, &node{old, 1000*i + k}) {
							break
						}
					}
					runtime.Gosched()
				}
				atomic.AndInt64(&bits, ^(1 << i))
				or(&bits, 1<<(8+i))
				and(&bits, ^(1 << (16 + i)))
				atomic.OrInt64(&bits, 1<<(32+i))
			}
		})
	}
	wg.Wait()
	last := 1 << 30
	for p := top.Load(); p != nil; p = p.next {
		if p.n >= last {
			panic("out of order")
		}
		last = p.n
	}
	fmt.Println(n, half, top.Load().n, bits)
	var u uintptr = 7
	var p unsafe.Pointer
	x := new(int)
	fmt.Println(atomic.SwapInt64(&n, -5), atomic.AddInt64(&n, 2), atomic.AddUint32(&half, ^uint32(0)), atomic.AndInt64(&bits, 255),
		atomic.OrInt64(&bits, 1), atomic.SwapUintptr(&u, 8), atomic.AddUintptr(&u, 1), atomic.CompareAndSwapUintptr(&u, 8, 1),
		atomic.CompareAndSwapPointer(&p, nil, unsafe.Pointer(x)), atomic.SwapPointer(&p, nil) == unsafe.Pointer(x),
		atomic.LoadPointer(&p) == nil)
	atomic.StoreInt64(&n, 4)
	atomic.StoreUint32(&half, 5)
	fmt.Println(n, half, u)
	defer func() { fmt.Println(recover()) }()
	atomic.AddInt64(nil, 1)
}
"#,
        "160000 80000 22500 1099510644720\n\
         160000 -3 79999 1099510644720 240 7 9 false true true true\n\
         4 5 9\n\
         runtime error: invalid memory address or nil pointer dereference\n",
        3,
    );
}

#[test]
fn processes_files_and_signals() {
    prints(
        r#"package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	var wg sync.WaitGroup
	outputs := make([]string, 4)
	for i := range outputs {
		wg.Go(func() {
			out, err := exec.Command("echo", "-n", fmt.Sprint(i)).Output()
			if err != nil {
				panic(err)
			}
			name := fmt.Sprintf("f%d", i)
			if err := os.WriteFile(name, out, 0o600); err != nil {
				panic(err)
			}
			back, err := os.ReadFile(name)
			if err != nil {
				panic(err)
			}
			outputs[i] = string(back)
		})
	}
	wg.Wait()
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(outputs, <-signals)
}
"#,
        "[0 1 2 3] user defined signal 1\n",
        8,
    );
}

/// Each goroutine's fault is its own, and a native that faults gives the lock back.
#[test]
fn faults_are_recovered_on_each_thread() {
    prints(
        r#"package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type t struct{ n [4]int }

func try(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return "none"
}

func main() {
	var wg sync.WaitGroup
	var wrong atomic.Int32
	const nilText = "runtime error: invalid memory address or nil pointer dereference"
	for range 4 {
		wg.Go(func() {
			for range 200 {
				var p *t
				var a *atomic.Int64
				zero := 0
				if try(func() { p.n[2]++ }) != nilText || try(func() { a.Add(1) }) != nilText ||
					try(func() { _ = 1 / zero }) != "runtime error: integer divide by zero" {
					wrong.Add(1)
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(wrong.Load())
}
"#,
        "0\n",
        3,
    );
}

#[test]
fn ends_are_those_of_one_thread() {
    let deadlock = "package main\n\nfunc main() {\n\tc := make(chan int)\n\tgo func() { select {} }()\n\t<-c\n}\n";
    for output in runs(deadlock, &[], 3) {
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).starts_with("fatal error: all goroutines are asleep - deadlock!"));
    }
    let panics = "package main\n\nfunc main() {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n\tgo func() { panic(\"out\") }()\n\tselect {}\n}\n";
    for output in runs(panics, &[], 3) {
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).starts_with("panic: out\n\ngoroutine "), "{}", text(&output.stderr));
    }
    let exits = "package main\n\nimport \"os\"\n\nfunc main() {\n\tgo func() { os.Exit(7) }()\n\tfor {\n\t}\n}\n";
    for output in runs(exits, &[], 3) {
        assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    }
}

#[test]
fn races_are_found() {
    let source = r#"package main

import "sync"

type cache struct{ hits int }

func main() {
	var wg sync.WaitGroup
	c := &cache{}
	for range 4 {
		wg.Go(func() {
			for range 100 {
				c.hits++
			}
		})
	}
	wg.Wait()
}
"#;
    for output in runs(source, &[], 5) {
        assert_eq!(output.status.code(), Some(66), "{}", text(&output.stderr));
        let said = text(&output.stderr);
        assert!(said.contains("WARNING: DATA RACE") && said.contains("main.go:13"), "{said}");
        assert!(!said.contains("main.go:17"), "{said}");
    }
}
