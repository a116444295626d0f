// A slice is sorted in a goroutine while another one still sums it.
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
	wg.Go(func() { sort.Ints(scores) }) // want data-race "scores"
	wg.Go(func() {
		sum := 0
		for _, s := range scores { // want data-race "scores"
			sum += s
		}
		fmt.Println(sum)
	})
	wg.Wait()
}
