// Somebody writes into a pipe, and somebody reads.
//
// Provenance: own.
package main

import (
	"fmt"
	"io"
)

func main() {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintln(w, "hello")
		w.Close()
	}()
	text, err := io.ReadAll(r)
	fmt.Println(len(text), err)
}
