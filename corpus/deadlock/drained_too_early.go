// A worker goes on for ten milliseconds after it was told to stop, which is enough for what is still under way: unless a sender is late.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	jobs, stop := make(chan int), make(chan struct{})
	go func() {
		<-stop
		for {
			select {
			case job := <-jobs:
				fmt.Println("job", job)
			case <-time.After(10 * time.Millisecond):
				return
			}
		}
	}()
	sent := make(chan struct{})
	go func() {
		jobs <- 1 // want deadlock "all goroutines are asleep"
		close(sent)
	}()
	close(stop)
	<-sent // want deadlock "all goroutines are asleep"
}
