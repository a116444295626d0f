// A map behind a mutex, and a sync.Map beside it.
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
	ages := map[string]int{}
	var shared sync.Map
	for _, name := range []string{"ann", "bob"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			ages[name] = len(name)
			mu.Unlock()
			shared.Store(name, len(name))
		}()
	}
	wg.Wait()
	v, _ := shared.Load("ann")
	fmt.Println(len(ages), v)
}
