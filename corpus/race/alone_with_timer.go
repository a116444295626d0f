// One goroutine and a timer's function: main writes after it has given up the lock that the function takes.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	var mu sync.Mutex
	level := 0
	done := make(chan bool)
	mu.Lock()
	time.AfterFunc(time.Millisecond, func() {
		mu.Lock()
		fmt.Println(level) // want data-race "level"
		mu.Unlock()
		done <- true
	})
	mu.Unlock()
	level = 1 // want data-race "level"
	<-done
}
