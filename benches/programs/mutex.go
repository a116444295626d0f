// A counter behind a mutex, a map behind a read-write mutex, shared by eight goroutines.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var mu sync.Mutex
	var rw sync.RWMutex
	var wg sync.WaitGroup
	counter := 0
	table := map[int]int{}
	for i := range 64 {
		table[i] = i
	}
	sum := make([]int, 8)
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 1_200_000 {
				mu.Lock()
				counter++
				mu.Unlock()
				rw.RLock()
				sum[i] += table[k&63]
				rw.RUnlock()
			}
		}()
	}
	wg.Wait()
	fmt.Println(counter, sum[0])
}
