// Somebody looks three times, a millisecond apart, and then takes for granted that it is done.
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
	for range 3 {
		if done.Load() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if !done.Load() {
		panic("not done") // want panic "not done"
	}
	fmt.Println("done")
}
