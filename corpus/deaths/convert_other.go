// A conversion to another type.
package main

//go:noinline
func f(a any) int { return a.(int) }
func main()       { println(f("x")) }
