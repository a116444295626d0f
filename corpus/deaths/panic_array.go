// A panic with an array.
package main

func main() { panic([2]string{"a", "b"}) }
