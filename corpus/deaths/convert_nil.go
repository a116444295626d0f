// A conversion of a nil interface.
package main

//go:noinline
func f(a any) int { return a.(int) }
func main()       { println(f(nil)) }
