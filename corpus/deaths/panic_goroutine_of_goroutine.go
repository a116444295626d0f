// A panic in a goroutine that a goroutine has started.
package main

//go:noinline
func outer(c chan int) { go inner(c); <-c }

//go:noinline
func inner(c chan int) { panic("inner") }
func main()            { c := make(chan int); go outer(c); <-c }
