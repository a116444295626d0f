// A panic with a type that a function declares.
package main

func main() { type local uint16; panic(local(9)) }
