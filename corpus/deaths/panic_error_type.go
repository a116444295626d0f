// A panic with an error of the program's own type.
package main

type E struct{ code int }

func (e E) Error() string { return "code " + string(rune('0'+e.code)) }
func main()               { panic(E{7}) }
