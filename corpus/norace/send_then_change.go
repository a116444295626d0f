// Each message is an object of its own.
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
	inbox := make(chan *message, 2)
	wg.Add(1)
	go func() {
		defer wg.Done()
		for m := range inbox {
			fmt.Println(m.text)
		}
	}()
	for _, text := range []string{"first", "second"} {
		inbox <- &message{text: text}
	}
	close(inbox)
	wg.Wait()
}
