// The worker hands over its result through the channel.
//
// Provenance: own.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

type result struct {
	rows int
	err  error
}

func query(ctx context.Context) *result {
	r := &result{}
	rows := make(chan int, 1)
	go func() {
		time.Sleep(20 * time.Millisecond)
		rows <- 42
	}()
	select {
	case r.rows = <-rows:
	case <-ctx.Done():
		r.err = errors.Join(errors.New("query given up"), ctx.Err())
	}
	return r
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	r := query(ctx)
	time.Sleep(30 * time.Millisecond)
	fmt.Println(r.rows, r.err)
}
