// A reader takes what is there of a buffer in one step, whatever a flush has left.
//
// Provenance: own.
package main

import (
	"bytes"
	"fmt"
	"sync"
)

// tail keeps the newest bytes.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (t *tail) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, text...)
}

func (t *tail) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.data)
}

// last gives the newest n bytes.
func (t *tail) last(n int) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.data[len(t.data)-min(n, len(t.data)):])
}

// flush throws all but the newest bytes away.
func (t *tail) flush(keep int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = t.data[len(t.data)-min(keep, len(t.data)):]
}

func main() {
	t := &tail{}
	t.write("a line of the log\n")
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Println(len(t.last(t.size()))) })
	wg.Go(func() { t.flush(4) })
	wg.Wait()
	fmt.Println(t.size())
}
