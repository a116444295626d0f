// A string's bound beyond its length.
package main

//go:noinline
func f(s string, i int) string { return s[:i] }
func main()                    { println(f("abc", 4)) }
