// context cancelled, then a panic with its error.
package main

import "context"

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(nil)
	panic(ctx.Err())
}
