// Signal is called before the other goroutine waits, and the condition is not looked at in between.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var mu sync.Mutex
	ready := sync.NewCond(&mu)
	go func() {
		mu.Lock()
		ready.Signal()
		mu.Unlock()
	}()
	mu.Lock()
	ready.Wait() // want deadlock "all goroutines are asleep"
	mu.Unlock()
	fmt.Println("ready")
}
