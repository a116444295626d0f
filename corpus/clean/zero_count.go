// The average of what has been measured is asked for; before the first measurement there is none.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type meter struct {
	mu    sync.Mutex
	sum   time.Duration
	count int64
}

func (m *meter) add(took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum += took
	m.count++
}

// average of all measurements.
func (m *meter) average() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == 0 {
		return 0
	}
	return m.sum / time.Duration(m.count)
}

func main() {
	m := &meter{}
	var wg sync.WaitGroup
	for _, took := range []time.Duration{time.Second, 3 * time.Second} {
		wg.Go(func() { m.add(took) })
	}
	wg.Go(func() { fmt.Println(m.average() <= 3*time.Second) })
	wg.Wait()
	fmt.Println(m.average())
}
