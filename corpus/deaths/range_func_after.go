// A body that is called after its loop has ended.
package main

var kept func(int) bool

//go:noinline
func each(yield func(int) bool) { kept = yield }
func main() {
	for range each {
	}
	kept(1)
}
