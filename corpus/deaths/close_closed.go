// A channel is closed twice.
package main

//go:noinline
func f(c chan int) { close(c) }
func main()        { c := make(chan int); f(c); f(c) }
