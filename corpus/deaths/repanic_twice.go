// A value is panicked with again twice.
package main

func main() {
	defer func() { panic(recover()) }()
	defer func() { panic(recover()) }()
	panic("thrice")
}
