// Panicked with again some calls up.
package main

//go:noinline
func a(n int) {
	defer func() {
		if r := recover(); r != nil {
			panic(r)
		}
	}()
	b(n)
}

//go:noinline
func b(n int) { panic("deep") }
func main()   { a(1) }
