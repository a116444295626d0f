// An assignment to a nil map with int keys.
package main

//go:noinline
func f(m map[int]string) { m[1] += "a" }
func main()              { f(nil) }
