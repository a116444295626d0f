// A panic with a float32 of a defined type.
package main

type T float32

func main() { panic(T(1e10)) }
