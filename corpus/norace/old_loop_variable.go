// Since Go 1.22 each round has a variable of its own.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	for i := 0; i < 3; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i > 5 {
				fmt.Println(i)
			}
		}()
	}
	wg.Wait()
}
