// A panic in a method expression.
package main

type T struct{ a int }

//go:noinline
func (t T) m() { panic("method expression") }

//go:noinline
func call(f func(T)) { f(T{}) }
func main()          { call(T.m) }
