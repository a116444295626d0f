// A counter is added to atomically and read plainly.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
)

func main() {
	var requests int64
	finished := make(chan bool, 2)
	for range 2 {
		go func() {
			atomic.AddInt64(&requests, 1) // want data-race "requests"
			finished <- true
		}()
	}
	<-finished
	fmt.Println(requests) // want data-race "requests"
	<-finished
}
