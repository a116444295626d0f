// The twin of misuse/polled_three_times.go: it looks until it is done.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

func main() {
	var done atomic.Bool
	go done.Store(true)
	for !done.Load() {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("done")
}
