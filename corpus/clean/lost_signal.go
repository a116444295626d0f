// Wait stands in a loop over the condition.
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
	set := false
	go func() {
		mu.Lock()
		set = true
		ready.Signal()
		mu.Unlock()
	}()
	mu.Lock()
	for !set {
		ready.Wait()
	}
	mu.Unlock()
	fmt.Println("ready")
}
