// An iterator that goes on after the loop was left.
package main

//go:noinline
func each(yield func(int) bool) { yield(1); yield(2) }
func main() {
	for range each {
		break
	}
}
