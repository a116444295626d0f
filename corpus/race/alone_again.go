// A goroutine that is alone keeps no record of what it does: whoever comes will know. What those that have ended did without
// being waited for still races with it, and what it does beside a timer's function, or beside whom it starts, is on record.
//
// Provenance: own.
package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

type state struct {
	left, looked, timed, shared, flagged int
	flag                                 atomic.Int32
}

var one state

func main() {
	// Alone, and of no interest to anybody.
	one.left, one.looked, one.timed, one.shared = 1, 1, 1, 1
	one.flag.Store(1)

	go func() {
		one.left = 2          // want data-race "one"
		sum := 2 + one.looked // want data-race "one.looked"
		one.flagged = sum     // want data-race "one.flagged"
		one.flag.Store(2)
	}()
	for runtime.NumGoroutine() > 1 {
		time.Sleep(time.Millisecond)
	}
	// Alone again: nobody has waited for it in a way that orders the two.
	one.looked = 2        // want data-race "one.looked"
	fmt.Println(one.left) // want data-race "one"
	one.flag.Store(4)

	done := make(chan bool)
	go func() {
		// The store of the one that is alone has taken the place of the earlier one, whose writes nobody hands on.
		one.flag.Load()
		fmt.Println(one.flagged) // want data-race "one"
		one.shared = 5           // want data-race "one"
		done <- true
	}()
	one.shared = 6 // want data-race "one"
	<-done

	fired := make(chan bool)
	time.AfterFunc(time.Millisecond, func() {
		one.timed = 7 // want data-race "one"
		fired <- true
	})
	one.timed = 8 // want data-race "one"
	<-fired
}
