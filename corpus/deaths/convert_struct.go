// A conversion to a struct without a name.
package main

//go:noinline
func f(a any) int {
	return a.(struct {
		A int `k:"v"`
	}).A
}
func main() { println(f(struct{ A int }{1})) }
