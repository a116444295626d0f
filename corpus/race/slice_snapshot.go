// A slice is handed on by value, its header read without the lock that append holds.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type collector struct {
	mu    sync.Mutex
	found []string
}

func (c *collector) add(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found = append(c.found, s) // want data-race "found"
}

func (c *collector) snapshot() []string {
	return c.found // want data-race "found"
}

func main() {
	c := &collector{}
	var wg sync.WaitGroup
	wg.Go(func() { c.add("first") })
	wg.Go(func() { c.add("second") })
	fmt.Println(len(c.snapshot()))
	wg.Wait()
}
