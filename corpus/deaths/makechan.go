// make of a channel with a negative size.
package main

//go:noinline
func f(n int) chan int { return make(chan int, n) }
func main()            { println(len(f(-1))) }
