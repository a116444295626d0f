// A stage of a pipeline stops at the first bad value; the stage before it has nobody to send to.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
)

func words(text string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for _, w := range strings.Fields(text) {
			out <- w // want goroutine-leak "waits in chan send"
		}
	}()
	return out
}

func upper(in <-chan string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for w := range in {
			if w == "stop" {
				return
			}
			out <- strings.ToUpper(w)
		}
	}()
	return out
}

func main() {
	for w := range upper(words("go stop and never return")) {
		fmt.Println(w)
	}
}
