// Eight goroutines add up a large slice, each its part.
package main

import (
	"fmt"
	"sync"
)

func main() {
	values := make([]int64, 4<<20)
	for i := range values {
		values[i] = int64(i)
	}
	parts := make([]int64, 8)
	var all sync.WaitGroup
	for g := range parts {
		all.Go(func() {
			size := len(values) / len(parts)
			sum := int64(0)
			for range 3 {
				for _, v := range values[g*size : (g+1)*size] {
					sum += v
				}
			}
			parts[g] = sum
		})
	}
	all.Wait()
	fmt.Println(parts)
}
