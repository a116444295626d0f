// A conversion to an interface whose method is missing.
package main

type I interface {
	m()
	n()
}
type T struct{}

func (T) m() {}

//go:noinline
func f(a any) I { return a.(I) }
func main()     { f(T{}) }
