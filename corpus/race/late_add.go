// Add is called by the goroutine that is waited for: Wait may return before.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	total := 0
	go func() {
		wg.Add(1) // want data-race "wg"
		defer wg.Done()
		total = 7 // want data-race "total"
	}()
	wg.Wait()          // want data-race "wg"
	fmt.Println(total) // want data-race "total"
}
