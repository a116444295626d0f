// An iterator that recovers a body's panic.
//
// differs: the panic stands at the loop, gc's at the function's end.
package main

//go:noinline
func each(yield func(int) bool) { defer func() { recover() }(); yield(1) }
func main() {
	for range each {
		panic("lost")
	}
}
