// A buffer is changed after it was sent to its reader.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type message struct{ text string }

func main() {
	var wg sync.WaitGroup
	inbox := make(chan *message, 1)
	wg.Add(1)
	go func() {
		defer wg.Done()
		m := <-inbox
		fmt.Println(m.text) // want data-race "read|write"
	}()
	m := &message{text: "first"}
	inbox <- m
	m.text = "second" // want data-race "read|write"
	wg.Wait()
}
