// A field of a nil struct.
package main

type T struct{ a, b, c int }

//go:noinline
func f(p *T) int { return p.c }
func main()      { println(f(nil)) }
