// Each part is written by one worker; the worker whose decrement brings the counter to nothing adds them up. Its update observes the
// updates of all the others, not only of the one before it.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
)

func main() {
	var left atomic.Int32
	left.Store(4)
	parts := make([]int, 4)
	sum := make(chan int)
	for i := range parts {
		go func() {
			parts[i] = i + 1
			if left.Add(-1) == 0 {
				total := 0
				for _, part := range parts {
					total += part
				}
				sum <- total
			}
		}()
	}
	fmt.Println(<-sum)
}
