// A panic with deferred calls of a loop.
package main

func main() {
	for i := range 3 {
		defer println(i)
	}
	panic("loop")
}
