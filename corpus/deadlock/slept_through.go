// Two goroutines take two locks in opposite orders, but the second one sleeps until the first has long given them back: no schedule
// in which sleepers sleep shows the deadlock. A steered one holds the first goroutine back between its locks.
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type account struct {
	mu      sync.Mutex
	balance int
}

func transfer(from, to *account, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock() // want lock-cycle "wait for each other's locks"
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

func main() {
	savings, giro := &account{balance: 100}, &account{balance: 100}
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
