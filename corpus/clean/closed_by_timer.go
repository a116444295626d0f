// The twin of misuse/closed_by_timer.go: the timer closes a channel of its own.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	results, late := make(chan int, 1), make(chan struct{})
	limit := time.AfterFunc(30*time.Millisecond, func() { close(late) })
	go func() {
		time.Sleep(5 * time.Millisecond)
		results <- 42
	}()
	select {
	case result := <-results:
		fmt.Println(result)
	case <-late:
		fmt.Println("late")
	}
	limit.Stop()
}
