// Done is called before the work is finished: Wait orders nothing that comes after it.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	squares := make([]int, 4)
	for i := range squares {
		wg.Add(1)
		go func() {
			wg.Done()
			squares[i] = i * i // want data-race "squares"
		}()
	}
	wg.Wait()
	total := 0
	for _, s := range squares { // want data-race "squares"
		total += s
	}
	fmt.Println(total)
}
