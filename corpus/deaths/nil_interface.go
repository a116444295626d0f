// A method of a nil interface.
package main

type I interface{ m() }

//go:noinline
func call(i I) { i.m() }
func main()    { call(nil) }
