// A read of memory that is not mapped.
package main

import "unsafe"

//go:noinline
func f(a uintptr) int { return *(*int)(unsafe.Pointer(a)) }
func main()           { println(f(0x123456789000)) }
