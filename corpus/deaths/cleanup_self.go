// A cleanup that is given its own pointer.
package main

import "runtime"

func main() { p := new([64]int); runtime.AddCleanup(p, func(*[64]int) {}, p) }
