// An answer is computed at once, and twenty milliseconds are more than enough for it: there is none where its goroutine got no processor.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

type answer struct{ value int }

func ask() *answer {
	answers := make(chan *answer, 1)
	go func() { answers <- &answer{42} }()
	select {
	case a := <-answers:
		return a
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

func main() {
	fmt.Println(ask().value) // want panic "nil pointer dereference"
}
