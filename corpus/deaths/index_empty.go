// An index into an empty slice.
package main

//go:noinline
func get(s []string) string { return s[0] }
func main()                 { println(get(nil)) }
