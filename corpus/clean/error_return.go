// All results are received, the first error is kept.
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
				results <- errors.New("no name")
				return
			}
			results <- nil
		}()
	}
	var first error
	for range names {
		if err := <-results; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func main() {
	fmt.Println(check([]string{"a", "", "", "b"}) != nil)
}
