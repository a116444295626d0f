// main calls runtime.Goexit; others go on, and end.
package main

import "runtime"

func main() {
	go func() {
		for range 10 {
			runtime.Gosched()
		}
		println("done")
	}()
	runtime.Goexit()
}
