// A panic in a goroutine started with a method.
package main

type T struct{ a int }

func (t *T) run(s string) { panic(s) }
func start()              { go (&T{}).run("method") }
func main()               { start(); select {} }
