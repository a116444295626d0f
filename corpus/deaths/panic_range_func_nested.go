// A panic in the body of a loop in a loop over functions.
package main

//go:noinline
func each(yield func(int) bool) {
	for i := range 3 {
		if !yield(i) {
			return
		}
	}
}
func main() {
	for i := range each {
		for j := range each {
			if i+j == 3 {
				panic("nested bodies")
			}
		}
	}
}
