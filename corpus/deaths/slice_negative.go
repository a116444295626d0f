// A negative bound.
package main

//go:noinline
func f(s []int, i int) []int { return s[i:] }
func main()                  { println(len(f(make([]int, 4), -2))) }
