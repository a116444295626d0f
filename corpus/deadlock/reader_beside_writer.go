// A read lock is taken twice, a sleep apart; a writer that comes in between waits for the first, and the second waits for the writer.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type store struct {
	mu     sync.RWMutex
	values map[string]int
}

func (s *store) get(key string) int {
	s.mu.RLock() // want lock-cycle "wait for each other at one"
	defer s.mu.RUnlock()
	return s.values[key]
}

func (s *store) sum() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.get("a") + s.get("b")
}

func main() {
	s := &store{values: map[string]int{"a": 1, "b": 2}}
	done := make(chan struct{})
	go func() {
		time.Sleep(20 * time.Millisecond) // long after the sum
		s.mu.Lock()                       // want lock-cycle "wait for each other at one"
		s.values["a"] = 3
		s.mu.Unlock()
		close(done)
	}()
	fmt.Println(s.sum())
	<-done
}
