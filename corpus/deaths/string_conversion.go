// A conversion of memory beyond the limit is told.
package main

//go:noinline
func f(n int) []rune { return make([]rune, n) }
func main()          { println(len(f(1 << 61))) }
