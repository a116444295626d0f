// A panic with a byte.
package main

func main() { panic(byte(200)) }
