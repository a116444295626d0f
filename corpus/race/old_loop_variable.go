// Before Go 1.22 all rounds of a loop share one variable.
//
// Provenance: own.

//go:build go1.21

package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	for i := 0; i < 3; i++ { // want data-race "of i "
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i > 5 { // want data-race "of i "
				fmt.Println(i)
			}
		}()
	}
	wg.Wait()
}
