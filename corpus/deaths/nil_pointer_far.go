// A field of a nil struct far from its beginning.
package main

type T struct {
	a [1 << 16]byte
	b int
}

//go:noinline
func f(p *T) int { return p.b }
func main()      { println(f(nil)) }
