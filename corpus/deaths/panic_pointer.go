// A panic with a pointer.
package main

type T struct{ a int }

func main() { panic(&T{1}) }
