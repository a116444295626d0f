// A waiter comes to the condition variable after the last broadcast, without looking at the condition.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	var mu sync.Mutex
	open := sync.NewCond(&mu)
	for range 2 {
		go func() {
			mu.Lock()
			open.Wait() // want goroutine-leak "waits for a condition variable"
			mu.Unlock()
		}()
	}
	mu.Lock()
	open.Broadcast()
	mu.Unlock()
	time.Sleep(time.Millisecond)
	fmt.Println("closing")
}
