// A deferred function panics after another has recovered.
//
// differs: deferred calls that run after a recovery stand at the function's first line, gc's at its last.
package main

func main() {
	defer func() { panic("later") }()
	defer func() { recover() }()
	panic("first")
}
