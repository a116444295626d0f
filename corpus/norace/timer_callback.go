// A timer's callback closes a channel that its owner waits for.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	expired := false
	fired := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() {
		expired = true
		close(fired)
	})
	<-fired
	fmt.Println(expired)
}
