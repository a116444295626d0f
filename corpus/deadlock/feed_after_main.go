// After main's end, when all are asleep, lock and channel stand in a circle; a global channel leads to all of it.
//
// Provenance: own.
package main

import "sync"

var done chan struct{}

type feed struct {
	mu  sync.Mutex
	out chan bool
}

func (f *feed) send() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out <- true // want deadlock "waits for a lock for ever"
}

func (f *feed) drop() {
	f.mu.Lock() // want deadlock "waits for a lock for ever"
	defer f.mu.Unlock()
}

func main() {
	done = make(chan struct{})
	f := &feed{out: make(chan bool)}
	go func() {
		for range 50 {
			f.send()
		}
		close(done)
	}()
	go func() {
		for range f.out {
			f.drop()
			f.drop()
		}
	}()
	go func() {
		<-done
		f.mu.Lock()
		close(f.out)
		f.mu.Unlock()
	}()
}
