// SetPanicOnFault's panic is recovered and tells its address.
package main

import (
	"runtime/debug"
	"unsafe"
)

//go:noinline
func f(a uintptr) int { return *(*int)(unsafe.Pointer(a)) }
func main() {
	debug.SetPanicOnFault(true)
	defer func() {
		err := recover().(error)
		println(err.Error(), err.(interface{ Addr() uintptr }).Addr() == 0x123456789000)
		panic(err)
	}()
	println(f(0x123456789000))
}
