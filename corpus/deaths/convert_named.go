// A conversion of an interface with methods to another type.
package main

type I interface{ m() }
type T struct{}

func (T) m() {}

//go:noinline
func f(i I) T { return i.(T) }
func main()   { f(&T{}) }
