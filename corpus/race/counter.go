// Two goroutines count in one variable.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	hits := 0
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			hits++ // want data-race "hits"
		}()
	}
	wg.Wait()
	fmt.Println(hits)
}
