// A panic in inlined functions.
package main

func c(n int) {
	if n > 0 {
		panic("inlined")
	}
}
func b(n int) { c(n + 1) }
func main()   { b(1) }
