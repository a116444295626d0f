// The twin of misuse/counted_jobs.go: the workers take a job if there is one, without a look before.
//
// Provenance: own.
package main

import "sync"

func work(jobs chan int) {
	select {
	case <-jobs:
	default:
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
	if len(jobs) != 0 {
		panic("nobody took the job")
	}
}
