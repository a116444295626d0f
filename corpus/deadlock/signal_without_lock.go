// The condition is changed and signalled without its lock: in the moment between the look at it and Wait.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var stop atomic.Bool
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	done := make(chan struct{})
	go func() {
		defer close(done)
		mu.Lock()
		defer mu.Unlock()
		for !stop.Load() {
			cond.Wait() // want deadlock "all goroutines are asleep"
		}
	}()
	stop.Store(true)
	cond.Signal() // the mutex is not held
	<-done        // want deadlock "all goroutines are asleep"
	fmt.Println("done")
}
