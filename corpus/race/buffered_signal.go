// A buffered channel as a signal in the wrong direction: a send into a free slot waits for nobody.
//
// Provenance: own.
package main

import "fmt"

func main() {
	result := 0
	ready := make(chan bool, 1)
	go func() {
		result = 42 // want data-race "result"
		<-ready
	}()
	ready <- true
	fmt.Println(result) // want data-race "result"
}
