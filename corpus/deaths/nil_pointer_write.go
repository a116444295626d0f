// A write through a nil pointer.
package main

//go:noinline
func f(p *int) { *p = 1 }
func main()    { f(nil) }
