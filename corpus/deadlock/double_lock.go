// A method that holds the lock calls another one that takes it. Under go run -race the program hangs without a word.
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
	r.mu.Lock() // want lock-cycle "holds itself"
	defer r.mu.Unlock()
	return len(r.names)
}

func (r *registry) add(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[name] = r.size()
}

func main() {
	r := &registry{names: map[string]int{}}
	r.add("first")
	fmt.Println(r.size())
}
