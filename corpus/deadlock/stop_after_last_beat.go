// Somebody is told to stop shortly before its third beat, with which it ends by itself: a moment later nobody listens.
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
	stop <- true // want deadlock "all goroutines are asleep"
	fmt.Println("stopped")
}
