// A channel is closed twice through reflect.
package main

import "reflect"

func main() { c := make(chan int); close(c); reflect.ValueOf(c).Close() }
