// A panic while a package variable is set.
package main

var x = f()

//go:noinline
func f() int { panic("in a variable") }
func main()  { println(x) }
