// A panic in a closure of a method.
package main

type T struct{ a int }

//go:noinline
func (t *T) m() { run(func() { run(func() { panic(t.a) }) }) }

//go:noinline
func run(f func()) { f() }
func main()        { (&T{8}).m() }
