// The caller leaves the loop over a generator early.
//
// Provenance: own.
package main

import "fmt"

func naturals() <-chan int {
	numbers := make(chan int)
	go func() {
		for n := 0; ; n++ {
			numbers <- n // want goroutine-leak "waits in chan send"
		}
	}()
	return numbers
}

func main() {
	for n := range naturals() {
		if n*n > 50 {
			fmt.Println(n)
			break
		}
	}
}
