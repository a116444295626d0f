// An index of a small type.
package main

//go:noinline
func get(s []int, i int8) int { return s[i] }
func main()                   { println(get([]int{1}, -128)) }
