// A deferred function panics while a panic runs.
package main

func main() {
	defer func() { panic("second") }()
	panic("first")
}
