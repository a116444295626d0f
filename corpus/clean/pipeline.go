// The stage that stops drains what comes before it.
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
			out <- w
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
				for range in {
				}
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
