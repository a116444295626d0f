// A deadline comes although a recursion without a loop runs.
package main

import (
	"context"
	"fmt"
	"time"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	res := make(chan int, 1)
	start := time.Now()
	go func() { res <- fib(42) }()
	select {
	case r := <-res:
		fmt.Println("result", r)
	case <-ctx.Done():
		fmt.Println(ctx.Err())
	}
	fmt.Println("within 1 s:", time.Since(start) < time.Second)
}
