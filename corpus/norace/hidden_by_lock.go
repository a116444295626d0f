// Both writes are under the lock.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

var (
	mu     sync.Mutex
	logged int
	state  string
)

func note() {
	mu.Lock()
	logged++
	mu.Unlock()
}

func main() {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		mu.Lock()
		state = "starting"
		mu.Unlock()
		note()
	}()
	go func() {
		defer wg.Done()
		note()
		mu.Lock()
		state = "ready"
		mu.Unlock()
	}()
	wg.Wait()
	fmt.Println(state, logged)
}
