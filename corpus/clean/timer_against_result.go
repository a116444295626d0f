// The answer is looked at only if there is one.
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
	if len(answer) > 0 {
		fmt.Println(answer[0])
	}
}
