// An object is read by who made it, handed over, and read again while its new owner writes to it.
//
// The first reads need no record: they come before the hand-over. The last one does.
//
// Provenance: own.
package main

import "fmt"

type account struct {
	owner   string
	balance int
}

func total(list []*account) int {
	sum := 0
	for _, a := range list {
		sum += a.balance // want data-race "balance"
	}
	return sum
}

func main() {
	list := []*account{{"ann", 1}, {"bob", 2}}
	before := total(list)
	done := make(chan bool)
	go func() {
		list[0].balance = 10 // want data-race "balance"
		done <- true
	}()
	after := total(list)
	<-done
	fmt.Println(before, after-after)
}
