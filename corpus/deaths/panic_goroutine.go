// A panic in a goroutine started with a function.
package main

//go:noinline
func work(n int) { panic("in a goroutine") }
func main()      { go work(1); select {} }
