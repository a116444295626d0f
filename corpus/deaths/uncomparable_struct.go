// Two structs that can't be compared.
package main

type T struct {
	a int
	m map[int]int
}

//go:noinline
func f(a, b any) bool { return a == b }
func main()           { println(f(T{}, T{})) }
