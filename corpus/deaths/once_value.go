// A function given to sync.OnceValue panics.
package main

import "sync"

var f = sync.OnceValue(func() int { panic("once value") })

func main() { println(f()) }
