// A slice too short for its array.
package main

//go:noinline
func f(s []int) [4]int { return [4]int(s) }
func main()            { println(f(make([]int, 3))[0]) }
