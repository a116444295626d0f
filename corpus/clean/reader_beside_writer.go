// The twin of deadlock/reader_beside_writer.go: the lock is taken once.
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

func (s *store) sum() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.values["a"] + s.values["b"]
}

func main() {
	s := &store{values: map[string]int{"a": 1, "b": 2}}
	done := make(chan struct{})
	go func() {
		time.Sleep(20 * time.Millisecond) // long after the sum
		s.mu.Lock()
		s.values["a"] = 3
		s.mu.Unlock()
		close(done)
	}()
	fmt.Println(s.sum())
	<-done
}
