// A panic with a nil pointer.
package main

type T struct{ a int }

func main() { var p *T; panic(p) }
