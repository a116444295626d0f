// Two ways lead to the close of the same channel.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type worker struct {
	stop chan struct{}
}

func (w *worker) shutdown() {
	select {
	case <-w.stop:
	default:
		close(w.stop) // want close-of-closed "close of closed channel"
	}
}

func main() {
	w := &worker{stop: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(w.shutdown)
	wg.Go(w.shutdown)
	wg.Wait()
	fmt.Println("down")
}
