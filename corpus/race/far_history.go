// The first write lies a hundred thousand calls back in its goroutine when the second one comes.
//
// Go misses it: the history of a goroutine is about 23,000 calls long; what lies farther back has no stack and is dropped.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

var config string

//go:noinline
func step(sum *int, n int) { *sum += n*31 + 7 }

func main() {
	go func() {
		config = "loaded" // want data-race "config"
		sum := 0
		for i := range 100_000 {
			step(&sum, i)
		}
		fmt.Println(sum)
	}()
	time.Sleep(300 * time.Millisecond)
	config = "overwritten" // want data-race "config"
	fmt.Println("done")
}
