// The Error method is that of a value, the pointer nil.
package main

type E struct{ text string }

func (e E) Error() string { return e.text }
func main()               { var e *E; panic(e) }
