// An error path unlocks by hand what is also unlocked by defer.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sync"
)

type queue struct {
	mu    sync.Mutex
	items []string
}

func (q *queue) pop() (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		q.mu.Unlock()
		return "", errors.New("empty") // want unlock-of-unlocked "unlock of unlocked mutex"
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item, nil
}

func main() {
	q := &queue{items: []string{"one"}}
	for range 2 {
		fmt.Println(q.pop())
	}
}
