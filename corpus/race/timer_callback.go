// A timer's callback writes what its owner reads.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	expired := false
	time.AfterFunc(time.Millisecond, func() {
		expired = true // want data-race "expired"
	})
	time.Sleep(5 * time.Millisecond)
	fmt.Println(expired) // want data-race "expired"
}
