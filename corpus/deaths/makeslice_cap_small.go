// make with a capacity below the length.
package main

//go:noinline
func f(n, m int) []int { return make([]int, n, m) }
func main()            { println(len(f(5, 3))) }
