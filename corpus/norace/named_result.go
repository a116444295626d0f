// The goroutine has an error of its own; the result is set when it is done.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sync"
)

func save(items []string) (err error) {
	var wg sync.WaitGroup
	var failed error
	wg.Add(1)
	go func() {
		defer wg.Done()
		if len(items) > 2 {
			failed = errors.New("too many")
		}
	}()
	wg.Wait()
	return failed
}

func main() {
	fmt.Println(save([]string{"a", "b", "c"}))
}
