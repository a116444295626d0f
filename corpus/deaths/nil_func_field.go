// A nil function of a struct is called.
package main

type T struct{ f func(int) int }

func main() { t := &T{}; println(t.f(1)) }
