// A value's method called through an interface that holds a nil pointer.
package main

type I interface{ get() int }
type T struct{ a int }

//go:noinline
func (t T) get() int { return t.a }

//go:noinline
func call(i I) int { return i.get() }
func main()        { var t *T; println(call(t)) }
