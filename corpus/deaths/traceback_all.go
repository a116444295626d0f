// GOTRACEBACK=all.
//
// env: GOTRACEBACK=all
package main

import "runtime"

func main() {
	go func() { select {} }()
	for range 10 {
		runtime.Gosched()
	}
	panic("all")
}
