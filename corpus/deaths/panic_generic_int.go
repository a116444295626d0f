// A panic with an instance whose underlying type is an int.
package main

type N[T any] int

func main() { panic(N[string](3)) }
