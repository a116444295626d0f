// A conversion to a type parameter.
package main

//go:noinline
func f[T any](a any) T { return a.(T) }
func main()            { println(f[map[string]int](1)) }
