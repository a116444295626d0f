// The twin of race/add_after_sleep.go: who adds is itself waited for.
//
// Provenance: own.
package main

import (
	"sync"
	"time"
)

type stopper struct {
	wg   sync.WaitGroup
	stop chan struct{}
	mu   sync.Mutex
}

func (s *stopper) worker(f func()) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		f()
	}()
}

func main() {
	s := &stopper{stop: make(chan struct{})}
	s.wg.Add(2)
	for range 2 {
		go func() {
			defer s.wg.Done()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.worker(func() { s.mu.Lock(); s.mu.Unlock() })
		}()
	}
	time.Sleep(time.Millisecond)
	close(s.stop)
	s.wg.Wait()
}
