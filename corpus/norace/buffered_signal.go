// An unbuffered channel: the receive is done before the send returns.
//
// Provenance: own.
package main

import "fmt"

func main() {
	result := 0
	ready := make(chan bool)
	go func() {
		result = 42
		<-ready
	}()
	ready <- true
	fmt.Println(result)
}
