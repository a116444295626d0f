// An interface in a key holds a slice.
package main

type K struct{ a any }

//go:noinline
func f(m map[K]int, k K) int { return m[k] }
func main()                  { println(f(map[K]int{{1}: 2}, K{[]byte{1}})) }
