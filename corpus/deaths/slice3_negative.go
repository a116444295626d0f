// A full slice expression with a negative bound.
package main

//go:noinline
func f(s []int, k int) []int { return s[0:0:k] }
func main()                  { println(len(f(make([]int, 2, 4), -5))) }
