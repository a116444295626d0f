// Places of //line directives.
package main

//go:noinline
func f() {
//line other.go:100
	panic("elsewhere")
}
func main() { f() }
