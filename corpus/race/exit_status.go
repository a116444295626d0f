// The program ends with a status of its own, which hides the one that tells of the race.
//
// Provenance: own.
package main

import (
	"fmt"
	"os"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	failures := 0
	for _, file := range []string{"a", "b", "c"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fmt.Println("checking", file)
			failures++ // want data-race "failures"
		}()
	}
	wg.Wait()
	if failures > 0 {
		os.Exit(3)
	}
}
