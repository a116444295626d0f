// A panic in methods of values and pointers.
package main

type T struct{ a, b int }

//go:noinline
func (t T) value() { panic("in a method") }

//go:noinline
func (t *T) pointer() { t.value() }
func main()           { (&T{}).pointer() }
