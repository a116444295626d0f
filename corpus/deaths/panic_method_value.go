// A panic in a method value.
package main

type T struct{ a int }

//go:noinline
func (t T) m() { panic("method value") }

//go:noinline
func call(f func()) { f() }
func main()         { call(T{1}.m) }
