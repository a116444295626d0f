// An array's bound beyond its length.
package main

var a [4]int

//go:noinline
func f(i int) []int { return a[:i] }
func main()         { println(len(f(5))) }
