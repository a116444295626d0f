// Waiters look at the condition.
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
	isOpen := false
	for range 2 {
		go func() {
			mu.Lock()
			for !isOpen {
				open.Wait()
			}
			mu.Unlock()
		}()
	}
	mu.Lock()
	isOpen = true
	open.Broadcast()
	mu.Unlock()
	time.Sleep(time.Millisecond)
	fmt.Println("closing")
}
