// A function given to sync.OnceFunc panics, and is called again.
//
// differs: gc inlines the function that OnceFunc gives.
package main

import "sync"

func main() {
	f := sync.OnceFunc(func() { panic("once func") })
	func() { defer func() { println("recovered", recover().(string)) }(); f() }()
	f()
}
