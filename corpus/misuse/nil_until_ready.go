// A pointer is nil until the other goroutine has published it.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type session struct{ user string }

var current atomic.Pointer[session]

func main() {
	var wg sync.WaitGroup
	wg.Go(func() { current.Store(&session{user: "ada"}) })
	wg.Go(func() {
		fmt.Println(current.Load().user) // want panic "nil pointer dereference"
	})
	wg.Wait()
}
