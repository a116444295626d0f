// A panic in a function that reflect calls.
package main

import "reflect"

//go:noinline
func f(n int) { panic("reflected") }
func main()   { reflect.ValueOf(f).Call([]reflect.Value{reflect.ValueOf(1)}) }
