// A read through a nil pointer.
package main

//go:noinline
func f(p *int) int { return *p }
func main()        { println(f(nil)) }
