// unsafe.Slice with a negative length.
package main

import "unsafe"

//go:noinline
func f(p *int, n int) []int { return unsafe.Slice(p, n) }
func main()                 { println(len(f(new(int), -1))) }
