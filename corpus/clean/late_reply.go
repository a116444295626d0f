// The twin of misuse/late_reply.go: main waits for the worker, and only then closes.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// jobs are handed out by name.
type jobs struct {
	closing atomic.Bool
	last    map[string]int
}

func (j *jobs) worker() {
	if j.closing.Load() {
		j.last["closed"]++
	}
}

func main() {
	j := &jobs{}
	var all sync.WaitGroup
	all.Go(j.worker)
	all.Wait()
	fmt.Println("jobs are done")
	j.closing.Store(true)
}
