// A channel is closed behind the wait for its sender.
//
// Provenance: own.
package main

import "sync"

func main() {
	jobs := make(chan int, 8)
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range 3 {
			jobs <- n
		}
	})
	wg.Wait()
	close(jobs)
}
