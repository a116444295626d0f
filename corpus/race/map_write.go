// Two goroutines write different keys of one map.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	ages := map[string]int{}
	for _, name := range []string{"ann", "bob"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ages[name] = len(name) // want data-race "write"
		}()
	}
	wg.Wait()
	fmt.Println(len(ages))
}
