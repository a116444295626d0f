// debug.SetTraceback cannot lower.
//
// env: GOTRACEBACK=all
package main

import (
	"runtime"
	"runtime/debug"
)

func main() {
	debug.SetTraceback("none")
	go func() { select {} }()
	for range 10 {
		runtime.Gosched()
	}
	panic("set")
}
