// A generic cache locks when it stores and forgets to when it looks.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type cache[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]V
	hits    int
}

func (c *cache[K, V]) get(key K) (V, bool) {
	v, ok := c.entries[key] // want data-race "entries"
	return v, ok
}

func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key] = value // want data-race "entries"
}

func main() {
	c := &cache[string, int]{entries: map[string]int{}}
	var wg sync.WaitGroup
	for i, name := range []string{"x", "y", "z"} {
		wg.Go(func() { c.put(name, i) })
		wg.Go(func() { c.get(name) })
	}
	wg.Wait()
	fmt.Println(len(c.entries))
}
