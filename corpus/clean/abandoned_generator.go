// The generator listens to a context.
//
// Provenance: own.
package main

import (
	"context"
	"fmt"
)

func naturals(ctx context.Context) <-chan int {
	numbers := make(chan int)
	go func() {
		for n := 0; ; n++ {
			select {
			case numbers <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return numbers
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for n := range naturals(ctx) {
		if n*n > 50 {
			fmt.Println(n)
			break
		}
	}
}
