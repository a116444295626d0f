// runtime.Goexit in a function that runs because of a panic.
package main

import "runtime"

func main() {
	go func() {
		defer func() { runtime.Goexit() }()
		panic("given up")
	}()
	select {}
}
