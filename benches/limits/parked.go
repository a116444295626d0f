// Parked: N goroutines wait on a channel until all are there, then end.
//
// The suite `limits` measures the greatest resident memory.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	start := make(chan struct{})
	done := make(chan int)
	for i := 0; i < n; i++ {
		go func() {
			<-start
			done <- 1
		}()
	}
	close(start)
	sum := 0
	for i := 0; i < n; i++ {
		sum += <-done
	}
	fmt.Println("ended", sum)
}
