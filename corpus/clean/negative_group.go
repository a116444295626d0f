// Only the worker calls Done.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sync"
)

func work(wg *sync.WaitGroup, n int) error {
	defer wg.Done()
	if n%2 == 1 {
		return errors.New("odd")
	}
	return nil
}

func main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		if err := work(&wg, 7); err != nil {
			fmt.Println(err)
		}
	}()
	wg.Wait()
}
