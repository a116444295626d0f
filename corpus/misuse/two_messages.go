// The receiver believes that the messages of two goroutines come in one order.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
)

func main() {
	messages := make(chan string, 2)
	go func() { messages <- "begin transaction" }()
	go func() { messages <- "commit" }()
	for _, expected := range []string{"begin", "commit"} {
		got := <-messages
		if !strings.HasPrefix(got, expected) {
			panic("expected " + expected + ", got " + got) // want panic "expected begin, got commit"
		}
	}
	fmt.Println("in order")
}
