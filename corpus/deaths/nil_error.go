// The Error method of a nil error.
package main

//go:noinline
func call(err error) string { return err.Error() }
func main()                 { println(call(nil)) }
