// A large frame in a recursion.
package main

import "runtime/debug"

//go:noinline
func f(n int) int { var a [1000]int; a[n%1000] = n; return f(n+1) + a[(n+1)%1000] }
func main()       { debug.SetMaxStack(4 << 20); println(f(0)) }
