// Fifty milliseconds are taken for an order: who sets the flag may get no processor for as long.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

func main() {
	var ready atomic.Bool
	go func() {
		sum := 0
		for i := range 1000 {
			sum += i
		}
		ready.Store(sum > 0)
	}()
	time.Sleep(50 * time.Millisecond)
	if !ready.Load() {
		panic("not ready") // want panic "not ready"
	}
	fmt.Println("ready")
}
