// SetPanicOnFault makes a panic of a fault.
package main

import (
	"runtime/debug"
	"unsafe"
)

//go:noinline
func f(a uintptr) int { return *(*int)(unsafe.Pointer(a)) }
func main()           { debug.SetPanicOnFault(true); println(f(0x123456789000)) }
