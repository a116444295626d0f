// A panic with a Stringer that is an int.
package main

type S int

func (s S) String() string { return "an S" }
func main()                { panic(S(3)) }
