// A panic in an iterator that is pulled.
package main

import "iter"

//go:noinline
func each(yield func(int) bool) { yield(1); panic("pulled") }
func main() {
	next, stop := iter.Pull(each)
	defer stop()
	next()
	next()
}
