// A panic with a string.
package main

func main() { panic("out of luck") }
