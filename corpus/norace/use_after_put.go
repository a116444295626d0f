// The buffer goes back when nobody needs it any more.
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
	defer pool.Put(b)
	b.used = n
	return b.used
}

func main() {
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() { handle(i) })
	}
	wg.Wait()
	fmt.Println("done")
}
