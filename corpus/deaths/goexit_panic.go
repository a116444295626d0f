// A panic in a function deferred before runtime.Goexit.
package main

import "runtime"

func main() {
	defer func() { panic("in Goexit") }()
	runtime.Goexit()
}
