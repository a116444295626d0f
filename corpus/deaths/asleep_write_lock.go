// All asleep: a lock for writing behind one for reading.
package main

import "sync"

func main() { var mu sync.RWMutex; mu.RLock(); mu.Lock() }
