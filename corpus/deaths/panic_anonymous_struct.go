// A panic with a struct without a name.
package main

func main() {
	panic(struct {
		A int
		B string
	}{1, "x"})
}
