// The twin of misuse/alone_by_count.go: the program counts its goroutines, and waits for its helper all the same.
//
// Provenance: own.
package main

import "runtime"

func main() {
	started, ended := make(chan bool), make(chan bool)
	go func() {
		started <- true
		close(ended)
	}()
	<-started
	if runtime.NumGoroutine() > 2 {
		panic("there are others")
	}
	<-ended
}
