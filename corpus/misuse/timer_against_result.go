// A timeout and a result are ready at the same time: select takes either of them.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	result := make(chan int, 1)
	timeout := time.After(10 * time.Millisecond)
	go func() {
		time.Sleep(10 * time.Millisecond)
		result <- 42
	}()
	var answer []int
	select {
	case r := <-result:
		answer = append(answer, r)
	case <-timeout:
		fmt.Println("timed out")
	}
	fmt.Println(answer[0]) // want panic "index out of range"
}
