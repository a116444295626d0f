// Two goroutines write neighbouring bytes of one word: no race, though the processor writes whole words.
//
// Provenance: own.
package main

import "fmt"

func main() {
	var flags [8]byte
	done := make(chan bool)
	for i := range 2 {
		go func() {
			flags[3+i] = 1
			done <- true
		}()
	}
	<-done
	<-done
	fmt.Println(flags)
}
