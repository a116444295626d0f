// A panic in a promoted method called through an interface.
package main

type I interface{ m() }
type E struct{ a int }

//go:noinline
func (t *E) m() { panic("promoted") }

type T struct {
	x int
	*E
}

func main() { var i I = T{1, &E{}}; i.m() }
