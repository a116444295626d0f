// A variable is looked at with sync/atomic, and again without: the second look races, though nothing lies between the two.
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
		atomic.StoreInt64(&level, 7) // want data-race "level"
		done <- true
	}()
	if atomic.LoadInt64(&level) == 0 {
		fmt.Println("low:", level) // want data-race "level"
	}
	<-done
}
