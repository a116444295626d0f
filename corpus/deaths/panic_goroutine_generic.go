// A panic in a goroutine that a generic function has started.
package main

//go:noinline
func start[T any](t T) { go func() { panic("started by a generic") }() }
func main()            { start(1); select {} }
