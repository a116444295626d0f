// A nil function is called.
package main

//go:noinline
func call(f func()) { f() }
func main()         { call(nil) }
