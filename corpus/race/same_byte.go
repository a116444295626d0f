// Two goroutines write the same byte of a word.
//
// Provenance: own.
package main

import "fmt"

func main() {
	var flags [8]byte
	done := make(chan bool)
	for range 2 {
		go func() {
			flags[3] = 1 // want data-race "flags"
			done <- true
		}()
	}
	<-done
	<-done
	fmt.Println(flags)
}
