// Two goroutines write to one strings.Builder: the racing accesses lie inside the standard library.
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
	var out strings.Builder
	for _, word := range []string{"alpha", "beta"} {
		wg.Go(func() {
			out.WriteString(word) // want data-race "out|Builder"
		})
	}
	wg.Wait()
	fmt.Println(out.Len() > 0)
}
