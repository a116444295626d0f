// A panic with the program's own runtime.Error.
package main

type E struct{}

func (E) Error() string { return "mine" }
func (E) RuntimeError() {}
func main()             { panic(E{}) }
