// The one result comes after the deadline, when nobody receives any more.
//
// Provenance: own.
package main

import (
	"context"
	"fmt"
	"time"
)

func ask(ctx context.Context) (string, error) {
	answer := make(chan string)
	go func() {
		time.Sleep(50 * time.Millisecond)
		answer <- "late" // want goroutine-leak "waits in chan send"
	}()
	select {
	case a := <-answer:
		return a, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	fmt.Println(ask(ctx))
}
