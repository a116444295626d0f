// The String method of the panic's value dereferences nil.
package main

type S struct{ p *int }

func (s S) String() string { return string(rune(*s.p)) }
func main()                { panic(S{}) }
