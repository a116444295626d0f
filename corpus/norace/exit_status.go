// The failures are counted under a lock; the status 3 is meant.
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
	var mu sync.Mutex
	failures := 0
	for _, file := range []string{"a", "b", "c"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fmt.Println("checking", file)
			mu.Lock()
			failures++
			mu.Unlock()
		}()
	}
	wg.Wait()
	if failures > 0 {
		os.Exit(3)
	}
}
