// Two checks report to main, which waits for both: the program's status is that of their work, whoever is faster.
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
	wg.Wait()
	close(results)
	var all []error
	for err := range results {
		all = append(all, err)
	}
	return errors.Join(all...)
}

func main() {
	err := verdict([]check{
		{"sizes", func() error { return nil }},
		{"dates", func() error { return errOld }},
	})
	if errors.Is(err, errOld) {
		fmt.Println(err)
		os.Exit(3)
	}
	fmt.Println("all is well")
}
