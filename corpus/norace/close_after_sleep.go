// The sender closes the channel.
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
		results <- 6 * 7
		close(results)
	}()
	time.Sleep(10 * time.Millisecond)
	fmt.Println(<-results)
}
