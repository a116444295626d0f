// A panic in the iterator.
package main

//go:noinline
func each(yield func(int) bool) { yield(1); panic("in the iterator") }
func main() {
	for i := range each {
		println(i)
	}
}
