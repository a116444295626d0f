// A function value that points nowhere.
package main

import "unsafe"

func main() { p := new(uintptr); *p = 0x123456789000; f := *(*func())(unsafe.Pointer(&p)); f() }
