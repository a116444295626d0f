// A lease of fifteen milliseconds is renewed every ten: a holder that is held up has lost it, and goes on.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

// lease is held as long as it is renewed.
type lease struct {
	mu    sync.Mutex
	until time.Time
}

func (l *lease) renew(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Now().Add(d)
}

func (l *lease) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.until)
}

func main() {
	l := &lease{}
	l.renew(15 * time.Millisecond)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				l.renew(15 * time.Millisecond)
			}
		}
	}()
	for range 5 {
		time.Sleep(8 * time.Millisecond)
		if !l.held() {
			panic("the lease has expired") // want panic "the lease has expired"
		}
	}
	close(stop)
	fmt.Println("done")
}
