// The string is handed over by a channel.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
)

func main() {
	titles := make(chan string)
	go func() {
		titles <- strings.ToUpper("final")
	}()
	fmt.Println(<-titles)
}
