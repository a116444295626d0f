// The handler counts atomically.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type handler struct{ n atomic.Int64 }

func (h *handler) serve() { h.n.Add(1) }

type server struct{ h *handler }

func newServer(h *handler) *server { return &server{h} }

func main() {
	srv := newServer(&handler{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { srv.h.serve() })
	}
	wg.Wait()
	fmt.Println(srv.h.n.Load())
}
