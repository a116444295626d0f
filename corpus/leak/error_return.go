// The first error ends the loop over the results; the workers that come later wait for ever.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
)

func check(names []string) error {
	results := make(chan error)
	for _, name := range names {
		go func() {
			if name == "" {
				results <- errors.New("no name") // want goroutine-leak "waits in chan send"
				return
			}
			results <- nil // want goroutine-leak "waits in chan send"
		}()
	}
	for range names {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

func main() {
	fmt.Println(check([]string{"a", "", "", "b"}) != nil)
}
