// Looking and taking is one step.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type seats struct {
	taken [3]atomic.Bool
}

func (s *seats) free() int {
	for i := range s.taken {
		if !s.taken[i].Load() {
			return i
		}
	}
	return -1
}

func (s *seats) sit() {
	for i := range s.taken {
		if s.taken[i].CompareAndSwap(false, true) {
			return
		}
	}
}

func main() {
	s := &seats{}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { s.sit() })
	}
	wg.Wait()
	fmt.Println(s.free())
}
