// A conversion of a nil interface with methods.
package main

type I interface{ m() }
type T struct{}

func (T) m() {}

//go:noinline
func f(i I) T { return i.(T) }
func main()   { f(nil) }
