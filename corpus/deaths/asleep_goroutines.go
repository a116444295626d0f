// All asleep: several goroutines.
package main

import (
	"runtime"
	"sync"
)

//go:noinline
func receive(c chan int) { <-c }

//go:noinline
func lock(mu *sync.Mutex) { mu.Lock() }
func main() {
	c := make(chan int)
	var mu sync.Mutex
	mu.Lock()
	go receive(c)
	runtime.Gosched()
	go lock(&mu)
	runtime.Gosched()
	go func() { select {} }()
	runtime.Gosched()
	for range 3 {
		runtime.Gosched()
	}
	var wg sync.WaitGroup
	wg.Add(1)
	wg.Wait()
}
