// Two checks report to main, which takes the first word for the verdict: the program's status depends on which of them was faster.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

var errOld = errors.New("a file is old")

// check is something to be looked at.
type check struct {
	name string
	run  func() error
}

func verdict(checks []check) error {
	results := make(chan error, len(checks))
	var wg sync.WaitGroup
	for _, c := range checks {
		wg.Go(func() {
			if err := c.run(); err != nil {
				results <- fmt.Errorf("%s: %w", c.name, err)
				return
			}
			results <- nil
		})
	}
	first := <-results
	wg.Wait()
	return first
}

func main() {
	err := verdict([]check{
		{"sizes", func() error { return nil }},
		{"dates", func() error { return errOld }},
	})
	if errors.Is(err, errOld) {
		fmt.Println(err)
		os.Exit(3) // want exit-status "status 3"
	}
	fmt.Println("all is well")
}
