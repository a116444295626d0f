// An atomic operation through a nil pointer.
package main

import "sync/atomic"

//go:noinline
func f(p *int64) { atomic.AddInt64(p, 1) }
func main()      { f(nil) }
