// The queue is looked at and popped under two locks: another goroutine empties it in between.
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

func (q *queue) pop() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := q.items[0] // want panic "index out of range"
	q.items = q.items[1:]
	return first
}

func main() {
	q := &queue{items: []int{7}}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if q.size() > 0 {
				fmt.Println(q.pop())
			}
		})
	}
	wg.Wait()
}
