// A method with a value receiver locks a copy of the mutex.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type account struct {
	mu      sync.Mutex
	balance *int
}

func (a account) deposit(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*a.balance += n // want data-race "balance"
}

func main() {
	var wg sync.WaitGroup
	a := account{balance: new(int)}
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a.deposit(10)
		}()
	}
	wg.Wait()
	fmt.Println(*a.balance)
}
