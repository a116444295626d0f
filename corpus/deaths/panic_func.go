// A panic with a function.
package main

func main() { panic(func() {}) }
