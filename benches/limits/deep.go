// Deep: N goroutines recurse to a depth, all at the same time, then wait; their stacks' memory is given back.
//
// Prints the resident memory in megabytes: at the start, with all at their deepest, and some collections after all are back.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

func resident() int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		panic(err)
	}
	return pages * os.Getpagesize() >> 20
}

//go:noinline
func recurse(depth int, bottom func()) int {
	if depth == 0 {
		bottom()
		return 0
	}
	return recurse(depth-1, bottom) + 1
}

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	start := resident()
	var deepest, back sync.WaitGroup
	deepest.Add(n)
	back.Add(n)
	up, end := make(chan struct{}), make(chan struct{})
	for i := 0; i < n; i++ {
		go func() {
			depth := recurse(1000, func() {
				deepest.Done()
				<-up
			})
			if depth != 1000 {
				panic(depth)
			}
			back.Done()
			<-end
		}()
	}
	deepest.Wait()
	full := resident()
	close(up)
	back.Wait()
	// A stack is looked at by each collection.
	for i := 0; i < 8; i++ {
		runtime.GC()
	}
	after := resident()
	close(end)
	fmt.Println(start, full, after)
}
