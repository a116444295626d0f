// A panic in a function that reflect made.
package main

import "reflect"

func main() {
	f := reflect.MakeFunc(reflect.TypeOf(func(int) {}), func([]reflect.Value) []reflect.Value { panic("made") })
	f.Interface().(func(int))(1)
}
