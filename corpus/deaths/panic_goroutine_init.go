// A panic in a goroutine started by init.
package main

func init() { go fall() }

//go:noinline
func fall() { panic("from init") }
func main() { select {} }
