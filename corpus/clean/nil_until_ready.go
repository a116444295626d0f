// The reader waits until the session is there.
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
	ready := make(chan struct{})
	wg.Go(func() {
		current.Store(&session{user: "ada"})
		close(ready)
	})
	wg.Go(func() {
		<-ready
		fmt.Println(current.Load().user)
	})
	wg.Wait()
}
