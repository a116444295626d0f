// All asleep: a lock for reading behind one for writing.
package main

import "sync"

func main() { var mu sync.RWMutex; mu.Lock(); mu.RLock() }
