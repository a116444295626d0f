// A printer goes through a list by index, with the lock for each step, and looks at the length each time; meanwhile the list is trimmed.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

// history keeps lines.
type history struct {
	mu    sync.Mutex
	lines []string
}

func (h *history) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.lines)
}

// line gives one line.
func (h *history) line(i int) (string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i >= len(h.lines) {
		return "", false
	}
	return h.lines[i], true
}

// trim keeps the first lines only.
func (h *history) trim(keep int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.lines) > keep {
		h.lines = h.lines[:keep:keep]
	}
}

func main() {
	h := &history{lines: []string{"one", "two", "three"}}
	var wg sync.WaitGroup
	wg.Go(func() {
		letters := 0
		for i := range h.size() {
			line, ok := h.line(i)
			if !ok {
				break
			}
			letters += len(line)
		}
		fmt.Println(letters > 0)
	})
	wg.Go(func() { h.trim(1) })
	wg.Wait()
	fmt.Println(h.size())
}
