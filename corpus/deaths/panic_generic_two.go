// A panic in generic functions of several type arguments.
package main

//go:noinline
func F[K comparable, V any](k K, v V) { G[V](v) }

//go:noinline
func G[V any](v V) { panic("two") }
func main()        { F("a", []int{1}) }
