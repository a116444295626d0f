// Each goroutine has an err of its own.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sync"
)

func load(name string) error {
	if name == "" {
		return errors.New("no name")
	}
	return nil
}

func main() {
	var wg sync.WaitGroup
	errs := make(chan error, 1)
	wg.Add(1)
	go func() {
		defer wg.Done()
		if err := load(""); err != nil {
			errs <- err
		}
	}()
	if err := load("cache"); err != nil {
		fmt.Println(err)
	}
	wg.Wait()
	fmt.Println(<-errs)
}
