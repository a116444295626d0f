// A panic in a finalizer.
package main

import (
	"runtime"
	"time"
)

type T struct{ a [64]int }

//go:noinline
func make1() { runtime.SetFinalizer(&T{}, func(*T) { panic("finalizer") }) }
func main() {
	make1()
	for range 50 {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
}
