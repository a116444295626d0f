// Counters that are read and written in one go, while another goroutine only looks at some of them, and counts others itself.
//
// Provenance: own.
package main

import "fmt"

type stats struct {
	hits, misses, quiet int
	ratio               float64
	flags               [8]byte
}

func main() {
	s := &stats{ratio: 1}
	totals := make([]int, 4)
	done := make(chan bool)
	go func() {
		s.hits++        // want data-race "hits"
		s.misses += 2   // want data-race "misses"
		s.quiet++       // nobody else looks at it
		s.ratio *= 2    // want data-race "ratio"
		s.flags[3] |= 4 // want data-race "flags"
		s.flags[5] |= 1 // the next but one is another's
		totals[1] += 10 // want data-race "totals"
		done <- true
	}()
	seen := s.hits        // want data-race "hits"
	s.misses++            // want data-race "misses"
	wide := s.ratio > 1   // want data-race "ratio"
	s.flags[3] ^= 8       // want data-race "flags"
	s.flags[6]++          // another's byte stays alone
	totals[1] = totals[2] // want data-race "totals"
	<-done
	s.quiet++
	fmt.Println(seen >= 0, wide || !wide, s.quiet)
}
