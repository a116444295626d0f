// A full slice expression's first bound.
package main

//go:noinline
func f(s []int, i, j, k int) []int { return s[i:j:k] }
func main()                        { println(len(f(make([]int, 2, 4), 3, 2, 3))) }
