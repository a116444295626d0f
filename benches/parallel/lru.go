// A cache of the recently used under one lock, asked by four goroutines.
package main

import (
	"container/list"
	"fmt"
	"sync"
)

type cache struct {
	mu    sync.Mutex
	items map[int]*list.Element
	order *list.List
}

func (c *cache) get(key int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[key]; ok {
		c.order.MoveToFront(e)
		return true
	}
	c.items[key] = c.order.PushFront(key)
	if c.order.Len() > 500 {
		last := c.order.Back()
		delete(c.items, last.Value.(int))
		c.order.Remove(last)
	}
	return false
}

func main() {
	c := &cache{items: map[int]*list.Element{}, order: list.New()}
	var all sync.WaitGroup
	asked := make([]int, 4)
	for g := range asked {
		all.Go(func() {
			state := uint32(g + 1)
			for range 100000 {
				state = state*1664525 + 1013904223
				c.get(int(state>>16) % 1000)
				asked[g]++
			}
		})
	}
	all.Wait()
	fmt.Println(asked, c.order.Len())
}
