// An atomic variable as signal.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

var done atomic.Bool

func main() {
	go func() {
		time.Sleep(time.Millisecond)
		done.Store(true)
	}()
	for !done.Load() {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("done")
}
