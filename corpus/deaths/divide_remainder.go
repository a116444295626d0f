// A remainder by zero of small unsigned ints.
package main

//go:noinline
func f(a, b uint8) uint8 { return a % b }
func main()              { println(f(1, 0)) }
