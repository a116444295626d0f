// The generic cache locks in both methods.
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
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.entries[key]
	return v, ok
}

func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key] = value
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
