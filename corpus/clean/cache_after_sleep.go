// The twin of misuse/cache_after_sleep.go: a wait group instead of a sleep.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type cache struct {
	mu      sync.Mutex
	entries map[string]string
}

func (c *cache) set(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key] = value
}

func (c *cache) get(key string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, found := c.entries[key]
	return value, found
}

func main() {
	c := &cache{entries: map[string]string{}}
	var wg sync.WaitGroup
	wg.Go(func() {
		time.Sleep(time.Millisecond) // a fast back end
		c.set("a", "1")
	})
	wg.Wait()
	value, found := c.get("a")
	if !found {
		panic("the cache is empty")
	}
	fmt.Println(value)
}
