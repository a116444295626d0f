// An iterator that goes on after its body has panicked.
package main

//go:noinline
func each(yield func(int) bool) {
	func() { defer func() { recover() }(); yield(1) }()
	yield(2)
}
func main() {
	for range each {
		panic("once")
	}
}
