// Two workers look how many jobs there are before they take one. Between the look and the take the other one may take the last; no
// operation of theirs orders the look.
//
// Provenance: own.
package main

import "sync"

func work(jobs chan int) {
	if len(jobs) == 0 {
		return
	}
	select {
	case <-jobs:
	default:
		panic("the job is gone") // want panic "the job is gone"
	}
}

func main() {
	jobs := make(chan int, 1)
	jobs <- 1
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { work(jobs) })
	}
	wg.Wait()
}
