// Main says that it is done and returns; the worker takes that for an order and has nothing to give. What main would have done next, its
// end, comes too late.
//
// Schedules: 400.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
)

// jobs are handed out by name.
type jobs struct {
	closing atomic.Bool
	last    map[string]int
}

func (j *jobs) worker() {
	if j.closing.Load() {
		j.last["closed"]++ // want panic "assignment to entry in nil map"
	}
}

func main() {
	j := &jobs{}
	go j.worker()
	fmt.Println("jobs are done")
	j.closing.Store(true)
}
