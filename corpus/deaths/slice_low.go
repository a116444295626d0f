// A slice's low bound beyond its high one.
package main

//go:noinline
func f(s []int, i, j int) []int { return s[i:j] }
func main()                     { println(len(f(make([]int, 4), 3, 2))) }
