// Counters that are read and written in one go, each by one goroutine at a time.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type stats struct {
	hits, misses int
	ratio        float64
	flags        [8]byte
}

func main() {
	s := &stats{ratio: 1}
	totals := make([]int, 4)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			s.flags[i]++
			totals[i] += i
			mu.Lock()
			s.hits++
			s.misses += i
			s.ratio *= 2
			s.flags[4+i/2] |= 1 << i
			mu.Unlock()
			totals[i]--
		})
	}
	wg.Wait()
	s.hits += s.misses
	fmt.Println(s.hits, s.ratio, s.flags, totals)
}
