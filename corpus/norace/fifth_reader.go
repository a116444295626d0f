// The write waits for all readers.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

var limit = 10

var weights [8]int

func show(who int) {
	for i := range who {
		if weights[i] > 0 {
			fmt.Println(i)
		}
	}
	if limit > 10+who {
		fmt.Println("too low for", who)
	}
}

func main() {
	var first sync.WaitGroup
	first.Go(func() { show(0) })
	first.Wait()
	for who := range 8 {
		var wg sync.WaitGroup
		wg.Go(func() { show(who) })
		wg.Wait()
	}
	limit = 20
	fmt.Println("raised")
}
