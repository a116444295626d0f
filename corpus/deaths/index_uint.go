// An unsigned index.
package main

//go:noinline
func get(s []int, i uint64) int { return s[i] }
func main()                     { println(get([]int{1}, 1<<63)) }
