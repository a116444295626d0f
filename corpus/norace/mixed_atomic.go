// Every access is atomic.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
)

func main() {
	var requests atomic.Int64
	finished := make(chan bool, 2)
	for range 2 {
		go func() {
			requests.Add(1)
			finished <- true
		}()
	}
	<-finished
	fmt.Println(requests.Load())
	<-finished
}
