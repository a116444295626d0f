// What sync/atomic has given is kept, not looked at again.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync/atomic"
)

func main() {
	var level int64
	done := make(chan bool)
	go func() {
		atomic.StoreInt64(&level, 7)
		done <- true
	}()
	if seen := atomic.LoadInt64(&level); seen == 0 {
		fmt.Println("low:", seen)
	}
	<-done
}
