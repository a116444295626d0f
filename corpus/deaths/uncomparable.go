// Two slices in interfaces are compared.
package main

//go:noinline
func f(a, b any) bool { return a == b }
func main()           { println(f([]int{1}, []int{1})) }
