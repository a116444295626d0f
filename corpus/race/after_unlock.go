// A value is read after the lock was given back.
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
	q.jobs++ // want data-race "jobs"
	q.mu.Unlock()
	return q.jobs // want data-race "jobs"
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
