// A string's low bound beyond its high one.
package main

//go:noinline
func f(s string, i, j int) string { return s[i:j] }
func main()                       { println(f("abc", 2, 1)) }
