// A panic with a uintptr.
package main

func main() { panic(uintptr(77)) }
