// debug.SetTraceback("all").
package main

import (
	"runtime"
	"runtime/debug"
)

func main() {
	debug.SetTraceback("all")
	go func() { select {} }()
	for range 10 {
		runtime.Gosched()
	}
	panic("set")
}
