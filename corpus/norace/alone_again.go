// The clean twin of alone_again: main is alone, has company, is alone again, sets a timer and a finalizer.
//
// Provenance: own.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

type state struct {
	left, timed, shared, flagged int
	flag                         atomic.Int32
	lock                         sync.Mutex
}

var one state

func main() {
	one.left, one.timed, one.shared = 1, 1, 1
	one.flag.Store(1)
	one.lock.Lock()
	one.flagged = 1
	one.lock.Unlock()

	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			one.lock.Lock()
			defer one.lock.Unlock()
			one.left++
			one.flagged++
			one.flag.Add(1)
		})
	}
	group.Wait()
	for runtime.NumGoroutine() > 1 {
		runtime.Gosched()
	}
	// Alone again.
	one.left++
	one.shared = one.left + one.flagged + int(one.flag.Load())
	one.flag.Store(10)

	done := make(chan bool, 1)
	go func() {
		one.shared++
		done <- one.flag.Load() == 10
	}()
	<-done
	one.shared++

	one.timed = 5
	time.AfterFunc(time.Millisecond, func() {
		one.timed++
		done <- true
	})
	<-done
	one.timed++

	leave(done)
	runtime.GC()
	<-done
	fmt.Println(one.left, one.shared, one.timed)
}

// What it leaves changes the state once it is collected.
//
//go:noinline
func leave(done chan bool) {
	for range 10 {
		object := &state{left: 3}
		runtime.SetFinalizer(object, func(o *state) {
			o.left++
			one.flagged += o.left
			select {
			case done <- true:
			default:
			}
		})
		object.left++
	}
}
