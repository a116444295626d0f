// Add is called before the goroutine starts.
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
	wg.Add(1)
	go func() {
		defer wg.Done()
		total = 7
	}()
	wg.Wait()
	fmt.Println(total)
}
