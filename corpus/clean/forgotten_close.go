// The producer closes the channel after the last line.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	lines := make(chan string)
	var wg sync.WaitGroup
	wg.Add(3)
	go func() {
		for line := range lines {
			fmt.Println(line)
			wg.Done()
		}
	}()
	for _, l := range []string{"one", "two", "three"} {
		lines <- l
	}
	close(lines)
	wg.Wait()
}
