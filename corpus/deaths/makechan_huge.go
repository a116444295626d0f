// make of a channel beyond memory.
package main

//go:noinline
func f(n int) chan int { return make(chan int, n) }
func main()            { println(len(f(1 << 62))) }
