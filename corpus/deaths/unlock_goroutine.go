// An unlocked mutex is unlocked in a goroutine while main waits.
package main

import "sync"

func main() { var mu sync.Mutex; c := make(chan int); go func() { mu.Unlock() }(); <-c }
