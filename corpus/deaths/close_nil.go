// A nil channel is closed.
package main

//go:noinline
func f(c chan int) { close(c) }
func main()        { f(nil) }
