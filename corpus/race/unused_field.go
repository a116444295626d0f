// A method of a value copies all of its receiver, also the field that it does not use: that copy races with a write of the field.
//
// Provenance: own.
package main

import "sync"

type account struct{ balance, visits int }

func (a account) total() int { return a.balance }

func main() {
	a := &account{balance: 3}
	var wg sync.WaitGroup
	wg.Go(func() { a.visits = 1 }) // want data-race "visits"
	println(a.total())             // want data-race "visits"
	wg.Wait()
}
