// A buffer is used after it has been given back to the pool.
//
// Go may miss it: two goroutines have to meet in the pool of one processor between the return and the use.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type buffer struct{ used int }

var pool = sync.Pool{New: func() any { return new(buffer) }}

func handle(n int) int {
	b := pool.Get().(*buffer)
	b.used = n // want data-race "used"
	pool.Put(b)
	return b.used // want data-race "used"
}

func main() {
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() { handle(i) })
	}
	wg.Wait()
	fmt.Println("done")
}
