// A record from a pool gets a new wait group each time, behind the Wait of its last use. The last Done still writes into the group
// when it has let the waiter go, which is no access of the program's.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type request struct {
	done  sync.WaitGroup
	value int
}

var requests = sync.Pool{New: func() any { return new(request) }}

func serve(incoming <-chan *request) {
	for r := range incoming {
		r.value *= 2
		r.done.Done()
	}
}

func ask(incoming chan<- *request, value int) int {
	r := requests.Get().(*request)
	r.done = sync.WaitGroup{}
	r.done.Add(1)
	r.value = value
	incoming <- r
	r.done.Wait()
	defer requests.Put(r)
	return r.value
}

func main() {
	incoming := make(chan *request)
	go serve(incoming)
	sums := make(chan int)
	for client := range 3 {
		go func() {
			sum := 0
			for i := range 5 {
				sum += ask(incoming, client*10+i)
			}
			sums <- sum
		}()
	}
	fmt.Println(<-sums + <-sums + <-sums)
	close(incoming)
}
