// A goroutine assigns the err of the function that started it.
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
	err := load("config")
	wg.Add(1)
	go func() {
		defer wg.Done()
		err = load("") // want data-race "write"
	}()
	if err = load("cache"); err != nil { // want data-race "write"
		fmt.Println(err)
	}
	wg.Wait()
}
