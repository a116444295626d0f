// A lock that both goroutines take for another reason orders the two writes in half of all schedules.
//
// Go may miss it: it sees the race only when the second goroutine takes the lock first. Neither detector predicts it from
// the other order; gorace meets both orders among its schedules.
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
		state = "starting" // want data-race "state"
		note()
	}()
	go func() {
		defer wg.Done()
		note()
		state = "ready" // want data-race "state"
	}()
	wg.Wait()
	fmt.Println(state, logged)
}
