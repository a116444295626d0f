// A channel is closed while its sender is still at work.
//
// Go may miss it.
//
// Provenance: own.
package main

import "sync"

func main() {
	jobs := make(chan int, 8)
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range 3 {
			jobs <- n // want data-race "(send on|close of) jobs" send-on-closed "send on closed channel"
		}
	})
	var mu sync.Mutex
	mu.Lock()
	mu.Unlock()
	close(jobs) // want data-race "(send on|close of) jobs"
	wg.Wait()
}
