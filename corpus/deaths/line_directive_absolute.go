// Absolute places of //line directives.
package main

//go:noinline
func f() {
//line /a/b/other.go:100
	panic("elsewhere")
}
func main() { f() }
