// GOTRACEBACK=1.
//
// env: GOTRACEBACK=1
package main

import "runtime"

//go:noinline
func wait(c chan int) { <-c }
func main() {
	go wait(make(chan int))
	for range 10 {
		runtime.Gosched()
	}
	panic("one")
}
