// The twin of race/unused_field.go: the method is the pointer's, which copies nothing and reads one field alone.
//
// Provenance: own.
package main

import "sync"

type account struct{ balance, visits int }

func (a *account) total() int { return a.balance }

func main() {
	a := &account{balance: 3}
	var wg sync.WaitGroup
	wg.Go(func() { a.visits = 1 })
	println(a.total())
	wg.Wait()
}
