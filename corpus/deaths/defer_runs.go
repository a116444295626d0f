// Deferred calls run and print before the panic is told.
package main

func main() {
	defer println("deferred one")
	defer func() { println("deferred two") }()
	panic("after them")
}
