// A conversion to a function type.
package main

//go:noinline
func f(a any) { a.(func(int, ...string) (error, bool))(1) }
func main()   { f(func() {}) }
