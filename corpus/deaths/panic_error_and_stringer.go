// Error is asked before String.
package main

type S struct{}

func (S) String() string { return "string" }
func (S) Error() string  { return "error" }
func main()              { panic(S{}) }
