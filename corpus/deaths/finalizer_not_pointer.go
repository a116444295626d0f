// A finalizer of what is no pointer.
package main

import "runtime"

func main() { runtime.SetFinalizer(1, func(int) {}) }
