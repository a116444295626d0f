// The twin of misuse/counted_ticks.go: ten ticks are waited for, however long they take.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 10 {
		<-tick.C
	}
	fmt.Println("enough")
}
