// An index beyond an array.
package main

var a [3]int

//go:noinline
func get(i int) int { return a[i] }
func main()         { println(get(5)) }
