// A conversion between types of the same name.
package main

//go:noinline
func f() any { type T struct{ a int }; return T{} }

//go:noinline
func g(a any) int { type T struct{ a int }; return a.(T).a }
func main()       { println(g(f())) }
