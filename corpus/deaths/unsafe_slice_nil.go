// unsafe.Slice of nil.
package main

import "unsafe"

//go:noinline
func f(p *int, n int) []int { return unsafe.Slice(p, n) }
func main()                 { println(len(f(nil, 1))) }
