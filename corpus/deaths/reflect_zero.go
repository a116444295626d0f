// A method of the zero reflect.Value.
package main

import "reflect"

func main() { var v reflect.Value; println(v.Int(), v.Type()) }
