// A sync.Once guards the close.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type worker struct {
	stop chan struct{}
	once sync.Once
}

func (w *worker) shutdown() {
	w.once.Do(func() { close(w.stop) })
}

func main() {
	w := &worker{stop: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(w.shutdown)
	wg.Go(w.shutdown)
	wg.Wait()
	fmt.Println("down")
}
