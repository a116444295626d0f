// The clean twin of parked_others: whoever is woken touches what the one that was alone has done, and nothing else.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type tally struct {
	lock    sync.Mutex
	rounds  int
	history []int
	flag    atomic.Int32
}

func main() {
	one := &tally{}
	// A ring: of these goroutines one can go on at a time.
	const size = 5
	ring := make([]chan int, size)
	for i := range ring {
		ring[i] = make(chan int)
	}
	end := make(chan int)
	for i := range size {
		go func() {
			for n := range ring[i] {
				one.rounds++
				one.history = append(one.history, n)
				one.flag.Add(1)
				if n == 40 {
					end <- n
					return
				}
				ring[(i+1)%size] <- n + 1
			}
		}()
	}
	ring[0] <- 0
	fmt.Println(<-end, one.rounds, len(one.history), one.flag.Load())

	// Those that wait for the lock are woken one after the other.
	var group sync.WaitGroup
	one.lock.Lock()
	for range size {
		group.Go(func() {
			one.lock.Lock()
			defer one.lock.Unlock()
			one.rounds++
		})
	}
	one.rounds = 0
	one.lock.Unlock()
	group.Wait()
	fmt.Println(one.rounds)

	// A condition, with its lock as it should be.
	ready := sync.NewCond(&one.lock)
	for range size {
		group.Go(func() {
			one.lock.Lock()
			for one.rounds != 100 {
				ready.Wait()
			}
			one.history = append(one.history, one.rounds)
			one.lock.Unlock()
		})
	}
	one.lock.Lock()
	one.rounds = 100
	ready.Broadcast()
	one.lock.Unlock()
	group.Wait()
	fmt.Println(len(one.history))

	// Those that are left wait for ever, or until the end.
	for _, c := range ring {
		close(c)
	}
}
