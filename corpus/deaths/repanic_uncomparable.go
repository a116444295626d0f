// The value panicked with again can't be compared.
package main

func main() {
	defer func() { panic(recover()) }()
	panic([]int{1})
}
