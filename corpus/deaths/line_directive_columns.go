// Places of /*line*/ directives.
package main

//go:noinline
func f(n int) { /*line grammar.y:7:3*/ panic(n) }
func main()   { f(1) }
