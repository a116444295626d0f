// The text of runtime.Stack, as tools parse it: heads, functions, creators.
package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"
)

var (
	number  = regexp.MustCompile(`goroutine \d+`)
	rest    = regexp.MustCompile(`(?m)( \+0x[0-9a-f]+|\([^()*]*\))$`)
	folders = regexp.MustCompile(`(?m)^\t.*/`)
)

func plain(text string) string {
	text = number.ReplaceAllString(text, "goroutine N")
	return folders.ReplaceAllString(rest.ReplaceAllString(text, ""), "\t")
}

//go:noinline
func receive(c chan int) { <-c }

//go:noinline
func lock(mu *sync.Mutex) { mu.Lock() }

type server struct{ c chan int }

func (s *server) serve(n int) {
	for range s.c {
	}
}

func (s *server) start() { go s.serve(1) }

func stack(all bool) string {
	buf := make([]byte, 1<<16)
	return string(buf[:runtime.Stack(buf, all)])
}

func main() {
	fmt.Print(plain(stack(false)))
	func() { fmt.Print(plain(string(debug.Stack()))) }()
	c := make(chan int)
	var mu sync.Mutex
	mu.Lock()
	go receive(c)
	go lock(&mu)
	go func() { select {} }()
	go func() { c <- 1; c <- 2 }()
	go time.Sleep(time.Hour)
	s := &server{make(chan int)}
	s.start()
	func() {
		go func() {
			select {
			case <-c:
			case <-s.c:
			}
		}()
	}()
	r, _, _ := os.Pipe()
	go r.Read(make([]byte, 1))
	go func() {
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Wait()
	}()
	go func() {
		cond := sync.NewCond(&sync.Mutex{})
		cond.L.Lock()
		cond.Wait()
	}()
	time.Sleep(50 * time.Millisecond)
	all := strings.Split(strings.TrimSpace(plain(stack(true))), "\n\n")
	first, others := all[0], all[1:]
	sort.Strings(others)
	fmt.Println(first)
	for _, g := range others {
		for _, line := range strings.Split(g, "\n") {
			// Those of package runtime are gorace's own.
			if !strings.HasPrefix(line, "\t") || strings.Contains(line, "stacks.go") {
				fmt.Println(line)
			}
		}
	}
	small := make([]byte, 10)
	fmt.Println(runtime.Stack(small, false), string(small))
}
