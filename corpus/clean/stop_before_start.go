// A ticker's channel is made with it: a stop that is earlier than the start lets the start end at once.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type ticker struct {
	mu    sync.Mutex
	quit  chan struct{}
	ticks int
}

func newTicker() *ticker {
	return &ticker{quit: make(chan struct{})}
}

// start ticks until it is stopped.
func (t *ticker) start() {
	for range 3 {
		select {
		case <-t.quit:
			return
		case <-time.After(time.Millisecond):
		}
		t.mu.Lock()
		t.ticks++
		t.mu.Unlock()
	}
}

// stop ends the ticks.
func (t *ticker) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.quit)
}

func main() {
	t := newTicker()
	var wg sync.WaitGroup
	wg.Go(t.start)
	wg.Go(t.stop)
	wg.Wait()
	fmt.Println(t.ticks <= 3)
}
