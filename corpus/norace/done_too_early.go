// Done is the last thing a goroutine does.
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
			squares[i] = i * i
			wg.Done()
		}()
	}
	wg.Wait()
	total := 0
	for _, s := range squares {
		total += s
	}
	fmt.Println(total)
}
