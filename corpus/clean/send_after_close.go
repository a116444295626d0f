// The channel is closed after the last send.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	values := make(chan int, 4)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			values <- i
		})
	}
	fmt.Println(<-values < 3)
	wg.Wait()
	close(values)
}
