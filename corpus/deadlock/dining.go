// Five philosophers take the left fork first.
//
// Schedules: 1000. All five have to hold one fork at the same time.
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
			forks[i].Lock()
			forks[(i+1)%len(forks)].Lock() // want lock-cycle "in a circle"
			fmt.Println("philosopher", i, "eats")
			forks[(i+1)%len(forks)].Unlock()
			forks[i].Unlock()
		})
	}
	wg.Wait()
}
