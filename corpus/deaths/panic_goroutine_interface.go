// A panic in a goroutine started with a method of an interface.
package main

type I interface{ run(int) }
type T struct{}

func (T) run(n int) { panic("interface") }
func main()         { var i I = T{}; go i.run(1); select {} }
