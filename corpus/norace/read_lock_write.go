// Readers under the read lock, the writer under the write lock.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type cache struct {
	mu      sync.RWMutex
	lookups int
}

func (c *cache) get() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.lookups
}

func (c *cache) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lookups++
}

func main() {
	var wg sync.WaitGroup
	c := &cache{}
	for range 2 {
		wg.Add(2)
		go func() {
			defer wg.Done()
			c.count()
		}()
		go func() {
			defer wg.Done()
			c.get()
		}()
	}
	wg.Wait()
	fmt.Println(c.get())
}
