// A full slice expression of an array.
package main

var a [4]int

//go:noinline
func f(k int) []int { return a[:0:k] }
func main()         { println(len(f(5))) }
