// A trace of more than a hundred frames.
package main

//go:noinline
func f(n int) {
	if n == 0 {
		panic("deep")
	}
	f(n - 1)
}
func main() { f(150) }
