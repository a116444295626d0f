// A panic in a generic function.
package main

//go:noinline
func F[T any](t T) { panic("generic") }
func main()        { F(1) }
