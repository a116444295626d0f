// A goroutine sets the named result while the return statement does.
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
	wg.Add(1)
	go func() {
		defer wg.Done()
		if len(items) > 2 {
			err = errors.New("too many") // want data-race "err"
		}
	}()
	defer wg.Wait()
	return nil // want data-race "err"
}

func main() {
	fmt.Println(save([]string{"a", "b", "c"}))
}
