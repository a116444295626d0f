// The same mutex on both sides.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	temperature := 20.0
	wg.Add(2)
	go func() {
		defer wg.Done()
		mu.Lock()
		temperature += 0.5
		mu.Unlock()
	}()
	go func() {
		defer wg.Done()
		mu.Lock()
		fmt.Println(temperature)
		mu.Unlock()
	}()
	wg.Wait()
}
