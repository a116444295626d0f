// An assignment to a nil map.
package main

//go:noinline
func f(m map[string]int) { m["a"] = 1 }
func main()              { f(nil) }
