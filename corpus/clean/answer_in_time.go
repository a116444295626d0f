// The twin of misuse/answer_in_time.go: there may be no answer.
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
	if a := ask(); a != nil {
		fmt.Println(a.value)
	} else {
		fmt.Println("too late")
	}
}
