// A program takes the number of goroutines for a sign that its helper has ended. No operation orders the helper's end and the count.
//
// Provenance: own.
package main

import "runtime"

func main() {
	started := make(chan bool)
	go func() { started <- true }()
	<-started
	if runtime.NumGoroutine() > 1 {
		panic("the helper still runs") // want panic "the helper still runs"
	}
}
