// A slice's high bound beyond its capacity.
package main

//go:noinline
func f(s []int, i int) []int { return s[:i] }
func main()                  { println(len(f(make([]int, 2, 4), 5))) }
