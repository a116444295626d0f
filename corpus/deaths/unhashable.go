// A slice as a key of a map of interfaces.
package main

//go:noinline
func f(m map[any]int, k any) { m[k] = 1 }
func main()                  { f(map[any]int{}, []int{1}) }
