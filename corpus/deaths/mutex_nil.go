// A nil mutex is locked.
package main

import "sync"

type T struct {
	a  int
	mu *sync.Mutex
}

func main() { t := &T{}; t.mu.Lock() }
