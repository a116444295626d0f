// append beyond memory.
//
// differs: gc appends make(...) without making it.
package main

import "unsafe"

//go:noinline
func f(s []struct{ a [1 << 20]byte }, n int) {
	s = append(s, make([]struct{ a [1 << 20]byte }, n)...)
	println(len(s))
}
func main() { _ = unsafe.Pointer(nil); f(nil, 1<<45) }
