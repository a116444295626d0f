// A panic with a float64.
package main

func main() { panic(3.25) }
