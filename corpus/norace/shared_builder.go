// Each goroutine builds its own text; they are joined afterwards.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var out [2]string
	for i, word := range []string{"alpha", "beta"} {
		wg.Go(func() {
			out[i] = strings.ToUpper(word)
		})
	}
	wg.Wait()
	fmt.Println(strings.Join(out[:], " "))
}
