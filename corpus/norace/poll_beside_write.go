// The twin of race/poll_beside_write.go: under a lock.
//
// Timeout: 60.
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type volume struct {
	mu    sync.Mutex
	marks map[string]int
}

func main() {
	v := &volume{marks: map[string]int{"a": 1}}
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			v.mu.Lock()
			marks := make(map[string]int, len(v.marks))
			for name, at := range v.marks {
				marks[name] = at
			}
			v.mu.Unlock()
		}
	}()
	time.Sleep(5 * time.Millisecond)
	v.mu.Lock()
	v.marks["b"] = 2
	v.mu.Unlock()
	close(stop)
	fmt.Println("end")
}
