// A panic in a method that reflect calls.
package main

import "reflect"

type T struct{ a int }

//go:noinline
func (t T) M(n int) { panic("reflected") }
func main()         { reflect.ValueOf(T{}).Method(0).Call([]reflect.Value{reflect.ValueOf(1)}) }
