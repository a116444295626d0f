// A reader-writer lock is unlocked for reading.
package main

import "sync"

func main() { var mu sync.RWMutex; mu.RUnlock() }
