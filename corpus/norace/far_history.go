// The second write waits until the first goroutine is done with its hundred thousand calls.
//
// Provenance: own.
package main

import "fmt"

var config string

//go:noinline
func step(sum *int, n int) { *sum += n*31 + 7 }

func main() {
	done := make(chan bool)
	go func() {
		config = "loaded"
		sum := 0
		for i := range 100_000 {
			step(&sum, i)
		}
		fmt.Println(sum)
		close(done)
	}()
	<-done
	config = "overwritten"
	fmt.Println("done")
}
