// A recursion of two methods, in a goroutine.
package main

import "runtime/debug"

type T struct{ a, b int }

//go:noinline
func (t T) even(n int) int { return t.odd(n+1) + 1 }

//go:noinline
func (t T) odd(n int) int { return t.even(n+1) + 1 }
func main()               { debug.SetMaxStack(1 << 20); go func() { println(T{}.even(0)) }(); select {} }
