// Accounts with a lock each; money goes from one to another, both locks held.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type account struct {
	mu      sync.Mutex
	balance int
	history []int
}

func main() {
	accounts := make([]*account, 64)
	for i := range accounts {
		accounts[i] = &account{balance: 1000}
	}
	var done atomic.Int64
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			state := uint32(g + 3)
			for range 60000 {
				state = state*1664525 + 1013904223
				from, to := int(state>>8)%64, int(state>>16)%64
				if from == to {
					continue
				}
				a, b := accounts[min(from, to)], accounts[max(from, to)]
				a.mu.Lock()
				b.mu.Lock()
				a.balance--
				b.balance++
				if a.history = append(a.history, b.balance); len(a.history) > 32 {
					a.history = a.history[:0]
				}
				b.mu.Unlock()
				a.mu.Unlock()
				done.Add(1)
			}
		})
	}
	all.Wait()
	sum := 0
	for _, a := range accounts {
		sum += a.balance
	}
	fmt.Println(sum, done.Load() > 0)
}
