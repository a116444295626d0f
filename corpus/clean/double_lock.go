// Inside the lock the map is asked directly.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type registry struct {
	mu    sync.Mutex
	names map[string]int
}

func (r *registry) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.names)
}

func (r *registry) add(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[name] = len(r.names)
}

func main() {
	r := &registry{names: map[string]int{}}
	r.add("first")
	fmt.Println(r.size())
}
