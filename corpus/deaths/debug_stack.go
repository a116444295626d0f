// debug.PrintStack, then an end.
//
// differs: PrintStack is inlined here, and inlined functions do not say that they have no arguments.
package main

import "runtime/debug"

//go:noinline
func f(n int) { debug.PrintStack() }
func main()   { f(1) }
