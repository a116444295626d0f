// The lock is given back before the send.
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
	h.seen++
	h.mu.Unlock()
	h.events <- e
}

func (h *hub) consume() {
	for range 2 {
		h.mu.Lock()
		seen := h.seen
		h.mu.Unlock()
		fmt.Println(<-h.events, seen > 0)
	}
}

func main() {
	h := &hub{events: make(chan string)}
	go h.publish("up")
	go h.publish("down")
	h.consume()
}
