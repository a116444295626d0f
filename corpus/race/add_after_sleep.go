// Add beside Wait: a millisecond is no order. Go may miss it.
//
// Schedules: 200.
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
	s.wg.Add(1) // want data-race "wg" negative-waitgroup "Add called concurrently with Wait"
	go func() {
		defer s.wg.Done()
		f()
	}()
}

func main() {
	s := &stopper{stop: make(chan struct{})}
	for range 2 {
		go func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.worker(func() { s.mu.Lock(); s.mu.Unlock() })
		}()
	}
	time.Sleep(time.Millisecond)
	close(s.stop)
	s.wg.Wait() // want data-race "wg" negative-waitgroup "reused before"
}
