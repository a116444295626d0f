// A panic in the body of a loop over a function.
package main

func each(yield func(int) bool) {
	for i := range 3 {
		if !yield(i) {
			return
		}
	}
}

//go:noinline
func seq() func(func(int) bool) { return each2 }

//go:noinline
func each2(yield func(int) bool) { each(yield) }
func main() {
	for i := range seq() {
		if i == 1 {
			panic("in a body")
		}
	}
}
