// A sleep stands for the wait for the result.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	results := make(chan int, 1)
	go func() {
		results <- 6 * 7 // want data-race "(send on|close of) results" send-on-closed "send on closed channel"
	}()
	time.Sleep(10 * time.Millisecond) // long enough
	close(results)                    // want data-race "(send on|close of) results"
	fmt.Println(<-results)
}
