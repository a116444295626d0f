// The twin of misuse/flag_after_sleep.go: the flag is waited for.
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
	set := make(chan struct{})
	go func() {
		sum := 0
		for i := range 1000 {
			sum += i
		}
		ready.Store(sum > 0)
		close(set)
	}()
	time.Sleep(50 * time.Millisecond)
	<-set
	if !ready.Load() {
		panic("not ready")
	}
	fmt.Println("ready")
}
