// Two goroutines fill one map; the map notices and ends the program.
//
// Provenance: own.
package main

import "fmt"

func main() {
	seen := map[string]bool{}
	done := make(chan bool)
	for g := range 2 {
		go func() {
			for i := range 50 {
				seen[fmt.Sprint(g, i)] = true // want data-race "memory|seen"
			}
			done <- true
		}()
	}
	<-done
	<-done
	fmt.Println(len(seen))
}
