// A panic in a cleanup.
package main

import (
	"runtime"
	"time"
)

type T struct{ a [64]int }

//go:noinline
func make1() { runtime.AddCleanup(&T{}, func(n int) { panic("cleanup") }, 1) }
func main() {
	make1()
	for range 50 {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
}
