// A recovered value is panicked with again.
package main

func main() {
	defer func() {
		r := recover()
		panic(r)
	}()
	panic("again")
}
