// A shift by a negative count.
package main

//go:noinline
func f(a, b int) int { return a << b }
func main()          { println(f(1, -1)) }
