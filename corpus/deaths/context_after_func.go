// A panic in a function given to context.AfterFunc.
package main

import (
	"context"
	"time"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { panic("context") })
	cancel()
	time.Sleep(time.Second)
}
