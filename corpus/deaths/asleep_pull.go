// All asleep: in an iterator that is pulled.
//
// differs: gc does not say that closures of generic functions have arguments.
package main

import "iter"

func main() {
	c := make(chan int)
	next, stop := iter.Pull(func(yield func(int) bool) { <-c; yield(1) })
	defer stop()
	next()
}
