// A full slice expression's third bound.
package main

//go:noinline
func f(s []int, i, j, k int) []int { return s[i:j:k] }
func main()                        { println(len(f(make([]int, 2, 4), 0, 1, 5))) }
