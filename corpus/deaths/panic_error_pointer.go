// A panic with an error whose method has a pointer receiver.
package main

type E struct{ code int }

func (e *E) Error() string { return "code " + string(rune('0'+e.code)) }
func main()                { panic(&E{7}) }
