// A panic with a bool of a defined type.
package main

type T bool

func main() { panic(T(false)) }
