// A writer that holds only the read lock.
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

func (c *cache) get() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.lookups++ // want data-race "lookups"
}

func main() {
	var wg sync.WaitGroup
	c := &cache{}
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.get()
		}()
	}
	wg.Wait()
	fmt.Println(c.lookups)
}
