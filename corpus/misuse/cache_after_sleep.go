// The back end answers within a millisecond, so ten are enough: until the goroutine that stores the answer is held up.
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
	go func() {
		time.Sleep(time.Millisecond) // a fast back end
		c.set("a", "1")
	}()
	time.Sleep(10 * time.Millisecond) // surely done by now
	value, found := c.get("a")
	if !found {
		panic("the cache is empty") // want panic "the cache is empty"
	}
	fmt.Println(value)
}
