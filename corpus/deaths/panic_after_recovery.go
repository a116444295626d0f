// A panic after one that was recovered.
package main

//go:noinline
func quiet() { defer func() { recover() }(); panic("recovered") }
func main()  { quiet(); panic("not recovered") }
