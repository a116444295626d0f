// Two goroutines fill one map. Go may end the program with a fatal error; the race is there in every schedule.
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
				seen[fmt.Sprint(g, i)] = true // want data-race "seen"
			}
			done <- true
		}()
	}
	<-done
	<-done
	fmt.Println(len(seen))
}
