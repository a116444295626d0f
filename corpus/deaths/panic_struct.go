// A panic with a struct is told by its type and address.
package main

type T struct{ a, b int }

func main() { panic(T{1, 2}) }
