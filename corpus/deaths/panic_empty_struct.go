// A panic with an empty struct.
package main

func main() { panic(struct{}{}) }
