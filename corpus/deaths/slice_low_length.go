// A slice's low bound beyond its length.
package main

//go:noinline
func f(s []int, i int) []int { return s[i:] }
func main()                  { println(len(f(make([]int, 4, 10), 5))) }
