// Merge sort: halves in goroutines of their own, down to some thousand elements.
package main

import (
	"fmt"
	"sync"
)

func merge(into, a, b []int) {
	i, j := 0, 0
	for k := range into {
		if j == len(b) || i < len(a) && a[i] <= b[j] {
			into[k] = a[i]
			i++
		} else {
			into[k] = b[j]
			j++
		}
	}
}

func sorted(values, scratch []int) {
	if len(values) < 2 {
		return
	}
	half := len(values) / 2
	if len(values) > 4000 {
		var both sync.WaitGroup
		both.Go(func() { sorted(values[:half], scratch[:half]) })
		both.Go(func() { sorted(values[half:], scratch[half:]) })
		both.Wait()
	} else {
		sorted(values[:half], scratch[:half])
		sorted(values[half:], scratch[half:])
	}
	merge(scratch, values[:half], values[half:])
	copy(values, scratch)
}

func main() {
	values := make([]int, 400000)
	state := uint32(7)
	for i := range values {
		state = state*1664525 + 1013904223
		values[i] = int(state >> 4)
	}
	sorted(values, make([]int, len(values)))
	for i := 1; i < len(values); i++ {
		if values[i-1] > values[i] {
			panic("not sorted")
		}
	}
	fmt.Println(values[0], values[len(values)/2])
}
