// All asleep: a mutex is locked twice.
package main

import "sync"

func main() { var mu sync.Mutex; mu.Lock(); mu.Lock() }
