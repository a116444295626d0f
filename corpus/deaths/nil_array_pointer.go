// An element of a nil array pointer.
package main

//go:noinline
func f(p *[4]int, i int) int { return p[i] }
func main()                  { println(f(nil, 1)) }
