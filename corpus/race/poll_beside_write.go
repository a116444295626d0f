// One goroutine copies a map again and again while main sleeps, and then writes to it.
//
// Timeout: 60.
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

type volume struct{ marks map[string]int }

func main() {
	v := &volume{marks: map[string]int{"a": 1}}
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			marks := make(map[string]int, len(v.marks)) // want data-race "marks"
			for name, at := range v.marks {             // want data-race "marks"
				marks[name] = at
			}
		}
	}()
	time.Sleep(5 * time.Millisecond)
	v.marks["b"] = 2 // want data-race "marks"
	close(stop)
	fmt.Println("end")
}
