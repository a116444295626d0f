// A ticker drops what nobody takes in time: who counts on ten ticks in a hundred milliseconds may see fewer.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	var mu sync.Mutex
	ticks := 0
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-tick.C:
				mu.Lock()
				ticks++
				mu.Unlock()
			case <-stop:
				return
			}
		}
	}()
	time.Sleep(105 * time.Millisecond)
	close(stop)
	mu.Lock()
	defer mu.Unlock()
	if ticks < 9 {
		panic("a tick is missing") // want panic "a tick is missing"
	}
	fmt.Println("enough")
}
