// A deferred method panics.
package main

type T struct{}

//go:noinline
func (t *T) close() { panic("close") }

//go:noinline
func f()    { t := &T{}; defer t.close() }
func main() { f() }
