// A channel that was declared and never made: receiving from it waits for ever.
//
// Provenance: own.
package main

import "fmt"

type server struct {
	stop chan struct{}
	name string
}

func main() {
	s := server{name: "cache"}
	go func() {
		fmt.Println(s.name, "works")
	}()
	<-s.stop // want deadlock "all goroutines are asleep"
	fmt.Println("stopped")
}
