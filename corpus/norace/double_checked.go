// Double-checked locking with an atomic pointer, and sync.Once.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type config struct{ name string }

var (
	mu       sync.Mutex
	instance atomic.Pointer[config]
	once     sync.Once
	other    *config
)

func get() *config {
	if instance.Load() == nil {
		mu.Lock()
		defer mu.Unlock()
		if instance.Load() == nil {
			instance.Store(&config{name: "default"})
		}
	}
	return instance.Load()
}

func getOther() *config {
	once.Do(func() { other = &config{name: "other"} })
	return other
}

func main() {
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if get().name == getOther().name {
				fmt.Println("the same")
			}
		}()
	}
	wg.Wait()
}
