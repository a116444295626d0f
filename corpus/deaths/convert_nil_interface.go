// A conversion of nil to an interface.
package main

import "io"

//go:noinline
func f(a any) io.Reader { return a.(io.Reader) }
func main()             { f(nil) }
