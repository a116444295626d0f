// A panic with an int of a defined type.
package main

type T int

func main() { panic(T(-7)) }
