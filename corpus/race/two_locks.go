// Two goroutines guard the same variable with different mutexes.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var reader, writer sync.Mutex
	temperature := 20.0
	wg.Add(2)
	go func() {
		defer wg.Done()
		writer.Lock()
		temperature += 0.5 // want data-race "temperature"
		writer.Unlock()
	}()
	go func() {
		defer wg.Done()
		reader.Lock()
		fmt.Println(temperature) // want data-race "temperature"
		reader.Unlock()
	}()
	wg.Wait()
}
