// The value is copied while the lock is held.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type queue struct {
	mu   sync.Mutex
	jobs int
}

func (q *queue) push() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs++
	return q.jobs
}

func main() {
	var wg sync.WaitGroup
	q := &queue{}
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if q.push() > 2 {
				fmt.Println("too many")
			}
		}()
	}
	wg.Wait()
}
