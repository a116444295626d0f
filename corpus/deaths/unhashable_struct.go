// A struct with a function as a key.
package main

type T struct {
	a int
	f func()
}

//go:noinline
func f(m map[any]int, k any) int { return m[k] }
func main()                      { println(f(map[any]int{1: 2}, T{})) }
