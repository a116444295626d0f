// A send on a closed channel.
package main

//go:noinline
func f(c chan int) { c <- 1 }
func main()        { c := make(chan int, 1); close(c); f(c) }
