// The receiver closes the channel when it has enough, and a sender does not know.
//
// The close races with the sends: Go reports that, too.
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
			values <- i // want send-on-closed "send on closed channel" data-race "values"
		})
	}
	fmt.Println(<-values < 3)
	close(values) // want data-race "values"
	wg.Wait()
}
