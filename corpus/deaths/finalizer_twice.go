// A second finalizer.
package main

import "runtime"

func main() {
	p := new([64]int)
	runtime.SetFinalizer(p, func(*[64]int) {})
	runtime.SetFinalizer(p, func(*[64]int) {})
}
