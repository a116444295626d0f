// The snapshot is a copy made under the lock.
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
	c.found = append(c.found, s)
}

func (c *collector) snapshot() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.found...)
}

func main() {
	c := &collector{}
	var wg sync.WaitGroup
	wg.Go(func() { c.add("first") })
	wg.Go(func() { c.add("second") })
	fmt.Println(len(c.snapshot()))
	wg.Wait()
}
