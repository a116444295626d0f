// A panic in a named function given to time.AfterFunc.
package main

import "time"

//go:noinline
func fall() { panic("named") }
func main() { time.AfterFunc(time.Millisecond, fall); time.Sleep(time.Second) }
