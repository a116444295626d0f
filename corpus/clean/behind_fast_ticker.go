// The twin of deadlock/behind_fast_ticker.go: somebody sends.
//
// Provenance: own.
package main

import "time"

func main() {
	tick := time.NewTicker(time.Microsecond)
	<-tick.C
	values := make(chan int)
	go func() { values <- 1 }()
	<-values
	tick.Stop()
}
