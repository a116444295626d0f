// A map as a key that is looked up.
package main

//go:noinline
func f(m map[any]int, k any) int { return m[k] }
func main()                      { println(f(map[any]int{}, map[int]int{})) }
