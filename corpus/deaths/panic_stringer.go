// A panic with a Stringer.
package main

type S struct{ a int }

func (s S) String() string { return "S of " + string(rune('0'+s.a)) }
func main()                { panic(S{3}) }
