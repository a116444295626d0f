// Stack: recursion that uses N megabytes of stack.
package main

import (
	"fmt"
	"os"
	"strconv"
)

// Each call has a frame of a kilobyte and a little.
//
//go:noinline
func recurse(left, depth int) int {
	var block [1024]byte
	block[depth&1023] = byte(depth)
	if left <= 0 {
		return depth
	}
	depth = recurse(left-len(block), depth+1)
	return depth + int(block[depth&1023])>>8
}

func main() {
	megabytes, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	done := make(chan int)
	go func() { done <- recurse(megabytes*1e6, 0) }()
	fmt.Println("depth", <-done)
}
