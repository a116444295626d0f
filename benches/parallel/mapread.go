// Eight goroutines read one map, which nobody writes any more.
package main

import (
	"fmt"
	"sync"
)

func main() {
	squares := map[int]int{}
	for i := range 10000 {
		squares[i*7] = i * i
	}
	var all sync.WaitGroup
	sums := make([]int, 8)
	for g := range sums {
		all.Go(func() {
			sum := 0
			for range 30 {
				for i := range 10000 {
					sum += squares[i*7]
				}
			}
			sums[g] = sum
		})
	}
	all.Wait()
	fmt.Println(sums)
}
