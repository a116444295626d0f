// unsafe.String of nil.
package main

import "unsafe"

//go:noinline
func f(p *byte, n int) string { return unsafe.String(p, n) }
func main()                   { println(len(f(nil, 1))) }
