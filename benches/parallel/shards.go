// A map in sixteen parts, each under a read-write lock; three reads to a write.
package main

import (
	"fmt"
	"sync"
)

type shard struct {
	mu sync.RWMutex
	m  map[int]int
}

func main() {
	shards := make([]*shard, 16)
	for i := range shards {
		shards[i] = &shard{m: map[int]int{}}
	}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 100000 {
				key := (i*31 + g*17) % 4096
				s := shards[key%16]
				if i%4 == 0 {
					s.mu.Lock()
					s.m[key]++
					s.mu.Unlock()
				} else {
					s.mu.RLock()
					_ = s.m[key]
					s.mu.RUnlock()
				}
			}
		})
	}
	all.Wait()
	total := 0
	for _, s := range shards {
		for _, n := range s.m {
			total += n
		}
	}
	fmt.Println(total)
}
