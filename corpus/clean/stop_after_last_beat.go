// The twin of deadlock/stop_after_last_beat.go: a close needs nobody who listens.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	stop := make(chan bool)
	go func() {
		for range 3 {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	time.Sleep(2900 * time.Microsecond)
	close(stop)
	fmt.Println("stopped")
}
