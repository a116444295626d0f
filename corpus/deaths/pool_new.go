// A pool's New panics.
package main

import "sync"

func main() { p := sync.Pool{New: func() any { panic("new") }}; p.Get() }
