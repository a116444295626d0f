// Four goroutines fill a buffer of their own byte by byte, again and again, and hand a copy on under a lock.
package main

import (
	"fmt"
	"sync"
)

var size = 1024

type store struct {
	mu   sync.Mutex
	last map[int][]byte
}

func main() {
	s := &store{last: map[int][]byte{}}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			buffer := make([]byte, size)
			for i := range 1500 {
				for k := range buffer {
					buffer[k] = byte(i + k)
				}
				s.mu.Lock()
				s.last[g] = append(s.last[g][:0], buffer...)
				s.mu.Unlock()
			}
		})
	}
	all.Wait()
	fmt.Println(len(s.last), s.last[3][5])
}
