// A panic in a closure that sets a package variable.
//
// differs: gc inlines the closure.
package main

var x = func() int { panic("closure of a variable") }()

func main() { println(x) }
