// The twin of deadlock/slept_through.go: the account with the smaller number is locked first, whichever way the money goes.
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type account struct {
	number  int
	mu      sync.Mutex
	balance int
}

func transfer(from, to *account, amount int) {
	first, second := from, to
	if second.number < first.number {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

func main() {
	savings, giro := &account{number: 1, balance: 100}, &account{number: 2, balance: 100}
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		transfer(savings, giro, 10)
	}()
	go func() {
		defer wg.Done()
		time.Sleep(time.Second)
		transfer(giro, savings, 5)
	}()
	wg.Wait()
	fmt.Println(savings.balance, giro.balance)
}
