// A finalizer of the middle of an object.
package main

import "runtime"

var p *[4]int

func main() { p = new([4]int); runtime.SetFinalizer(&p[2], func(*int) {}) }
