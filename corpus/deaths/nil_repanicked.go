// A nil dereference is panicked with again.
package main

//go:noinline
func f(p *int) { *p = 1 }
func main()    { defer func() { panic(recover()) }(); f(nil) }
