// A goroutine sends while it holds the lock that the receiver wants first.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type hub struct {
	mu     sync.Mutex
	events chan string
	seen   int
}

func (h *hub) publish(e string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen++
	h.events <- e // want deadlock "all goroutines are asleep"
}

func (h *hub) consume() {
	for range 2 {
		h.mu.Lock() // want deadlock "all goroutines are asleep"
		seen := h.seen
		h.mu.Unlock()
		fmt.Println(<-h.events, seen > 0)
	}
}

func main() {
	h := &hub{events: make(chan string)}
	go h.publish("up")
	go h.publish("down") // the second publisher waits for the lock
	h.consume()
}
