// Workers append their results to one slice.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var squares []int
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			squares = append(squares, i*i) // want data-race "squares"
		}()
	}
	wg.Wait()
	fmt.Println(len(squares))
}
