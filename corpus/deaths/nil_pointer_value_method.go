// A value's method called on a nil pointer.
package main

type T struct{ a int }

//go:noinline
func (t T) get() int { return t.a }
func main()          { var t *T; println(t.get()) }
