// Somebody writes into a pipe that nobody reads; what is waited for lies inside of the library.
//
// Provenance: own.
package main

import (
	"fmt"
	"io"
)

func main() {
	_, w := io.Pipe()
	fmt.Fprintln(w, "hello") // want deadlock "all goroutines are asleep"
}
