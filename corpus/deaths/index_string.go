// An index beyond a string.
package main

//go:noinline
func get(s string, i int) byte { return s[i] }
func main()                    { println(get("abc", 10)) }
