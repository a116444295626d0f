// The same map behind a lock.
//
// Provenance: own.
package main

import "sync"

type counts struct {
	mu   sync.Mutex
	refs map[string]int
}

type state struct{ sh *counts }

func main() {
	s := state{&counts{refs: map[string]int{"balances": 1}}}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			s.sh.mu.Lock()
			defer s.sh.mu.Unlock()
			for field := range s.sh.refs {
				s.sh.refs[field]++
			}
		})
	}
	wg.Wait()
}
