// One method looks and pops under one lock.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type queue struct {
	mu    sync.Mutex
	items []int
}

func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

func (q *queue) pop() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return 0, false
	}
	first := q.items[0]
	q.items = q.items[1:]
	return first, true
}

func main() {
	q := &queue{items: []int{7}}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if item, ok := q.pop(); ok {
				fmt.Println(item, q.size())
			}
		})
	}
	wg.Wait()
}
