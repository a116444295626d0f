// A reader-writer lock is unlocked for writing.
package main

import "sync"

func main() { var mu sync.RWMutex; mu.Unlock() }
