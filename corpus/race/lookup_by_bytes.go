// Bytes are looked up in a map as a string, without a copy, while another goroutine writes them.
//
// Provenance: own.
package main

import "fmt"

func main() {
	names := map[string]int{"ab": 1}
	buffer := []byte("ab")
	done := make(chan bool)
	go func() {
		buffer[0] = 'x' // want data-race "buffer"
		done <- true
	}()
	fmt.Println(names[string(buffer)]) // want data-race "buffer"
	<-done
}
