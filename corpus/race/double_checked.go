// Double-checked locking whose first check takes no lock.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type config struct{ name string }

var (
	mu       sync.Mutex
	instance *config
)

func get() *config {
	if instance == nil { // want data-race "main.instance"
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = &config{name: "default"} // want data-race "main.instance"
		}
	}
	return instance // want data-race "main.instance"
}

func main() {
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if get() == nil {
				fmt.Println("nothing")
			}
		}()
	}
	wg.Wait()
}
