// A write beyond a slice.
package main

//go:noinline
func set(s []int, i int) { s[i] = 1 }
func main()              { set(make([]int, 2), 2) }
