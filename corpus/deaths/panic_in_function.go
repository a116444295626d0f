// A panic some calls down.
package main

//go:noinline
func c(n int) { panic("deep") }

//go:noinline
func b(s string, n int) { c(n + 1) }

//go:noinline
func a()    { b("x", 1) }
func main() { a() }
