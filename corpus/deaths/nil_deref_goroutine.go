// A nil dereference in a goroutine.
package main

//go:noinline
func f(p *int) { *p++ }
func main()    { go f(nil); select {} }
