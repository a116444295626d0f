// A panic in closures inside of closures.
package main

func main() {
	n := 1
	f := func() {
		g := func() {
			if n > 0 {
				panic("in a closure")
			}
		}
		run(g)
	}
	run(f)
}

//go:noinline
func run(f func()) { f() }
