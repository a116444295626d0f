// The goroutine sorts a copy.
//
// Provenance: own.
package main

import (
	"fmt"
	"sort"
	"sync"
)

func main() {
	scores := []int{3, 1, 2}
	var wg sync.WaitGroup
	sorted := append([]int(nil), scores...)
	wg.Go(func() { sort.Ints(sorted) })
	wg.Go(func() {
		sum := 0
		for _, s := range scores {
			sum += s
		}
		fmt.Println(sum)
	})
	wg.Wait()
}
