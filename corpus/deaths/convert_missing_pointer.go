// A conversion to an interface whose method has a pointer receiver.
package main

import "io"

type T struct{}

func (*T) Read([]byte) (int, error) { return 0, nil }

//go:noinline
func f(a any) io.Reader { return a.(io.Reader) }
func main()             { f(T{}) }
