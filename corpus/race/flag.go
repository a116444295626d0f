// One goroutine polls a plain variable for another's signal.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

var done bool

func main() {
	go func() {
		time.Sleep(time.Millisecond)
		done = true // want data-race "main.done"
	}()
	for !done { // want data-race "main.done"
		time.Sleep(time.Millisecond)
	}
	fmt.Println("done")
}
