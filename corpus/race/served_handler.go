// What the variable points to is made at its declaration, and is not the variable.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type handler struct{ n int }

func (h *handler) serve() { h.n++ } // want data-race "of h.n by"

type server struct{ h *handler }

func newServer(h *handler) *server { return &server{h} }

func main() {
	srv := newServer(&handler{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { srv.h.serve() })
	}
	wg.Wait()
	fmt.Println(srv.h.n)
}
