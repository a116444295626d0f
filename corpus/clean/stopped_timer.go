// The goroutine also waits for the end.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	timer := time.NewTimer(time.Hour)
	stop := make(chan struct{})
	go func() {
		select {
		case <-timer.C:
			fmt.Println("reminder")
		case <-stop:
		}
	}()
	time.Sleep(time.Millisecond)
	fmt.Println(timer.Stop())
	close(stop)
}
