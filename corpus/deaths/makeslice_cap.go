// make with a capacity beyond memory.
package main

//go:noinline
func f(n int) []int { return make([]int, 1, n) }
func main()         { println(len(f(1 << 62))) }
