// A ticker of a microsecond, which nobody looks at any more, goes on while all are asleep: that is a deadlock all the same.
//
// Provenance: own.
package main

import "time"

func main() {
	tick := time.NewTicker(time.Microsecond)
	<-tick.C
	<-make(chan int) // want deadlock "all goroutines are asleep"
	tick.Stop()
}
