// Deferred functions of one panic let another goroutine panic.
package main

import "runtime"

func main() {
	go func() { defer runtime.Gosched(); panic("one of two") }()
	for range 10 {
		runtime.Gosched()
	}
	select {}
}
