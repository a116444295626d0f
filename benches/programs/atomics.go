// Counters, flags and a compare-and-swap loop on atomics, shared by four goroutines.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var n atomic.Int64
	var top atomic.Uint32
	var plain int64
	var ready atomic.Bool
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 5_000_000 {
				n.Add(1)
				atomic.AddInt64(&plain, 2)
				if ready.Load() {
					continue
				}
				for {
					old := top.Load()
					if old >= uint32(k) || top.CompareAndSwap(old, uint32(k)) {
						break
					}
				}
			}
			ready.Store(i == 5)
		}()
	}
	wg.Wait()
	fmt.Println(n.Load(), atomic.LoadInt64(&plain), top.Load())
}
