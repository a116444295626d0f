// A setter short enough to be inlined into both goroutines: the report still has it as a frame of its own.
//
// Provenance: own.
package main

import "sync"

type gauge struct{ level int }

func (g *gauge) set(n int) { g.level = n } // want data-race "level"

func main() {
	var g gauge
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			g.set(i)
		}()
	}
	wg.Wait()
}
