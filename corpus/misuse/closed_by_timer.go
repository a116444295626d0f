// A timer closes the results after thirty milliseconds, for which nobody needs that long.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	results := make(chan int, 1)
	limit := time.AfterFunc(30*time.Millisecond, func() { close(results) }) // want data-race "results"
	go func() {
		time.Sleep(5 * time.Millisecond)
		results <- 42 // want data-race "results" send-on-closed "send on closed channel"
	}()
	fmt.Println(<-results)
	limit.Stop()
}
