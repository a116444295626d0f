// A panic in a function that a package variable holds.
package main

var f = func(s string) { panic(s) }

func main() { f("global") }
