// runtime.Stack of all goroutines.
package main

import (
	"os"
	"runtime"
	"sync"
)

//go:noinline
func wait(mu *sync.Mutex, c chan int) { c <- 1; mu.Lock() }
func main() {
	var mu sync.Mutex
	mu.Lock()
	c := make(chan int)
	go wait(&mu, c)
	<-c
	for range 3 {
		runtime.Gosched()
	}
	buf := make([]byte, 1<<16)
	os.Stderr.Write(buf[:runtime.Stack(buf, true)])
}
