// The last philosopher takes the right fork first.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var forks [5]sync.Mutex
	var wg sync.WaitGroup
	for i := range forks {
		wg.Go(func() {
			low, high := i, (i+1)%len(forks)
			if low > high {
				low, high = high, low
			}
			forks[low].Lock()
			forks[high].Lock()
			fmt.Println("philosopher", i, "eats")
			forks[high].Unlock()
			forks[low].Unlock()
		})
	}
	wg.Wait()
}
