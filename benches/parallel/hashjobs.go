// Workers hash blocks of bytes that come from a channel.
package main

import (
	"fmt"
	"sync"
)

func hash(block []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range block {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

func main() {
	jobs, results := make(chan []byte, 16), make(chan uint64, 16)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for block := range jobs {
				results <- hash(block)
			}
		})
	}
	go func() {
		for i := range 40000 {
			block := make([]byte, 256)
			for k := range block {
				block[k] = byte(i + k)
			}
			jobs <- block
		}
		close(jobs)
		workers.Wait()
		close(results)
	}()
	var sum uint64
	for h := range results {
		sum += h
	}
	fmt.Println(sum)
}
