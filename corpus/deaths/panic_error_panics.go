// The Error method of the panic's value panics itself.
package main

type E struct{}

func (E) Error() string { panic("no words") }
func main()             { panic(E{}) }
