// All asleep: a Once in itself.
package main

import "sync"

var once sync.Once

//go:noinline
func f()    { once.Do(f) }
func main() { f() }
