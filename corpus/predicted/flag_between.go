// A cache is filled under its two locks in one order and read in the other; the reader starts when an atomic flag says that
// the cache is full. So they never meet, which the locks do not say: predicted, and no steered schedule shows it.
// Provenance: own.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

type cache struct {
	index, pages sync.RWMutex
	full         atomic.Bool
	at           map[string]int
	page         []string
}

func (c *cache) fill(names ...string) {
	c.pages.Lock()
	for _, name := range names {
		c.page = append(c.page, "page of "+name)
		c.index.Lock() // want lock-order-inversion "two locks in opposite orders"
		c.at[name] = len(c.page) - 1
		c.index.Unlock()
	}
	c.pages.Unlock()
	c.full.Store(true)
}

func (c *cache) read(name string) string {
	for !c.full.Load() {
		runtime.Gosched()
	}
	c.index.RLock()
	defer c.index.RUnlock()
	c.pages.RLock() // want lock-order-inversion "two locks in opposite orders"
	defer c.pages.RUnlock()
	return c.page[c.at[name]]
}

func main() {
	c := &cache{at: map[string]int{}}
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		c.fill("a", "b")
	}()
	go func() {
		defer wg.Done()
		fmt.Println(c.read("b"))
	}()
	wg.Wait()
}
