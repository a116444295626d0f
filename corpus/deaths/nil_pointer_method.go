// A method that reads its nil receiver.
package main

type T struct{ a int }

//go:noinline
func (t *T) get() int { return t.a }
func main()           { var t *T; println(t.get()) }
