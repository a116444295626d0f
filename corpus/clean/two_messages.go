// One goroutine sends both messages.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
)

func main() {
	messages := make(chan string, 2)
	go func() {
		messages <- "begin transaction"
		messages <- "commit"
	}()
	for _, expected := range []string{"begin", "commit"} {
		got := <-messages
		if !strings.HasPrefix(got, expected) {
			panic("expected " + expected + ", got " + got)
		}
	}
	fmt.Println("in order")
}
