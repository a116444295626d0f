// Two workers see the same free seat; the second one to sit down panics.
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

func (s *seats) sit(i int) {
	if s.taken[i].Swap(true) {
		panic(fmt.Sprintf("seat %d is taken", i)) // want panic "seat 0 is taken"
	}
}

func main() {
	s := &seats{}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { s.sit(s.free()) })
	}
	wg.Wait()
	fmt.Println(s.free())
}
