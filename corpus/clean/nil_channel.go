// The channel is made, and closed by the worker.
//
// Provenance: own.
package main

import "fmt"

type server struct {
	stop chan struct{}
	name string
}

func main() {
	s := server{name: "cache", stop: make(chan struct{})}
	go func() {
		fmt.Println(s.name, "works")
		close(s.stop)
	}()
	<-s.stop
	fmt.Println("stopped")
}
