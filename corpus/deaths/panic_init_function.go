// A panic in init functions: the second.
package main

func init() { println("first") }
func init() { panic("second") }
func main() {}
