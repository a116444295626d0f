// A read lock is given back that was taken as a write lock.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var mu sync.RWMutex
	total := 0
	add := func(n int) {
		mu.Lock()
		defer mu.RUnlock()
		total += n
	} // want unlock-of-unlocked "RUnlock of unlocked RWMutex"
	add(1)
	fmt.Println(total)
}
