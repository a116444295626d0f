// A finalizer of the wrong type.
package main

import "runtime"

func main() { runtime.SetFinalizer(new(int), func(*string) {}) }
