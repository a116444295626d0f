// The producer never closes the channel that a consumer ranges over.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	lines := make(chan string)
	var wg sync.WaitGroup
	wg.Add(3)
	go func() {
		for line := range lines { // want goroutine-leak "waits in chan receive"
			fmt.Println(line)
			wg.Done()
		}
	}()
	for _, l := range []string{"one", "two", "three"} {
		lines <- l
	}
	wg.Wait()
}
