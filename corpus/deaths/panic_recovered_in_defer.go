// A panic in a deferred function is recovered there; the first goes on.
package main

func main() {
	defer func() {
		defer func() { println("recovered", recover().(string)) }()
		panic("second")
	}()
	panic("first")
}
