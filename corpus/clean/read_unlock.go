// The write lock is given back as one.
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
		defer mu.Unlock()
		total += n
	}
	add(1)
	fmt.Println(total)
}
