// The condition is changed under its lock, as who waits looks at it: no signal comes in between.
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
			cond.Wait()
		}
	}()
	mu.Lock()
	stop.Store(true)
	mu.Unlock()
	cond.Signal()
	<-done
	fmt.Println("done")
}
