// The unlock is deferred.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type store struct {
	mu    sync.Mutex
	items map[string]int
}

func (s *store) take(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items[name] == 0 {
		return false
	}
	s.items[name]--
	return true
}

func main() {
	s := &store{items: map[string]int{"apple": 1}}
	for range 2 {
		go s.take("pear")
	}
	time.Sleep(time.Millisecond)
	fmt.Println("open")
}
