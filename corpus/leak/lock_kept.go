// An early return keeps the lock: who comes next waits for ever, while main goes on.
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
	s.mu.Lock() // want goroutine-leak "waits for a mutex"
	if s.items[name] == 0 {
		return false
	}
	s.items[name]--
	s.mu.Unlock()
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
