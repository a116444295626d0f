// A map behind two pointers, ranged over and written at a key.
//
// Provenance: own.
package main

import "sync"

type counts struct{ refs map[string]int }

type state struct{ sh *counts }

func main() {
	s := state{&counts{map[string]int{"balances": 1}}}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for field := range s.sh.refs { // want data-race "(of s.sh.refs|of s.sh.refs.field.) by"
				s.sh.refs[field]++ // want data-race "(of s.sh.refs|of s.sh.refs.field.) by"
			}
		})
	}
	wg.Wait()
}
