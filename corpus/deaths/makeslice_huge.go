// make with a length beyond memory.
package main

//go:noinline
func f(n int) []int { return make([]int, n) }
func main()         { println(len(f(1 << 62))) }
