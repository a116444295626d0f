// A reader takes the read lock again while a writer waits in between.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type settings struct {
	mu     sync.RWMutex
	values map[string]string
}

func (s *settings) get(key string) string {
	s.mu.RLock() // want lock-cycle "wait for each other at one reader-writer lock"
	defer s.mu.RUnlock()
	return s.values[key]
}

func (s *settings) both(a, b string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.get(a) + s.get(b)
}

func (s *settings) set(key, value string) {
	s.mu.Lock() // want lock-cycle "wait for each other at one reader-writer lock"
	defer s.mu.Unlock()
	s.values[key] = value
}

func main() {
	s := &settings{values: map[string]string{"a": "1", "b": "2"}}
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Println(s.both("a", "b")) })
	wg.Go(func() { s.set("a", "3") })
	wg.Wait()
}
