// The caller gives up at its deadline and reads a result that the worker still writes.
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
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(20 * time.Millisecond)
		r.rows = 42 // want data-race "rows"
	}()
	select {
	case <-done:
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
	fmt.Println(r.rows, r.err) // want data-race "rows"
}
