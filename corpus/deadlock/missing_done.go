// A worker returns early, and its Done is not deferred.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sync"
)

var errEmpty = errors.New("empty")

func main() {
	var wg sync.WaitGroup
	for _, job := range []string{"compile", "", "link"} {
		wg.Add(1)
		go func() {
			if job == "" {
				fmt.Println(errEmpty)
				return
			}
			fmt.Println(job)
			wg.Done()
		}()
	}
	wg.Wait() // want deadlock "all goroutines are asleep"
}
