// Done is deferred.
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
			defer wg.Done()
			if job == "" {
				fmt.Println(errEmpty)
				return
			}
			fmt.Println(job)
		}()
	}
	wg.Wait()
}
