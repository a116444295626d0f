// make with a negative length.
package main

//go:noinline
func f(n int) []int { return make([]int, n) }
func main()         { println(len(f(-1))) }
