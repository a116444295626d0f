// Nine goroutines read a variable; the write that follows waits for all but the first of them.
//
// Go misses it: it keeps four accesses for each word, and the fifth reader drives the first one out.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

var limit = 10

var weights [8]int

func show(who int) {
	for i := range who {
		if weights[i] > 0 {
			fmt.Println(i)
		}
	}
	if limit > 10+who { // want data-race "limit"
		fmt.Println("too low for", who)
	}
}

func main() {
	go show(0)
	time.Sleep(20 * time.Millisecond)
	for who := range 8 {
		var wg sync.WaitGroup
		wg.Go(func() { show(who) })
		wg.Wait()
	}
	limit = 20 // want data-race "limit"
	fmt.Println("raised")
}
