// The workers send on an unbuffered channel that is read only after all of them are done.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	results := make(chan int)
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results <- i * i // want deadlock "all goroutines are asleep"
		}()
	}
	wg.Wait() // want deadlock "all goroutines are asleep"
	close(results)
	for r := range results {
		fmt.Println(r)
	}
}
