// A panic in a method called through an interface.
package main

type I interface{ m(int) }
type T struct{ a int }

//go:noinline
func (t T) m(n int) { panic("through an interface") }

//go:noinline
func call(i I) { i.m(3) }
func main()    { call(T{1}); call(&T{2}) }
