// A read of memory just above the first page.
//
// differs: it is taken for a field of what a nil pointer points to; compiled code does not check pointers.
package main

import "unsafe"

//go:noinline
func f(a uintptr) int { return *(*int)(unsafe.Pointer(a)) }
func main()           { println(f(0x2000)) }
