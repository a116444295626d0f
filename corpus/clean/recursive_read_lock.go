// The values are read under the lock that is already held.
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
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.values[key]
}

func (s *settings) both(a, b string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.values[a] + s.values[b]
}

func (s *settings) set(key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = value
}

func main() {
	s := &settings{values: map[string]string{"a": "1", "b": "2"}}
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Println(len(s.both("a", "b")), len(s.get("a"))) })
	wg.Go(func() { s.set("a", "3") })
	wg.Wait()
}
