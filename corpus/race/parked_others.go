// All goroutines but one wait: what that one does meanwhile is known to whom it wakes, and needs no record. What it does once it
// has woken them is not, nor what it does beside those that sleep or wait for a signal without an order.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type state struct {
	before, after, done, unlocked, read, chosen, third, signalled, slept int
}

var one state

func main() {
	channel()
	group()
	lock()
	readers()
	choice()
	chain()
	condition()
	sleeper()
}

func channel() {
	c := make(chan int)
	go func() {
		one.before = 1
		c <- 1
		one.after = 1 // want data-race "one.after"
	}()
	<-c
	fmt.Println(one.before)
	one.after = 2 // want data-race "one.after"
}

func group() {
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		one.before = 3
		group.Done()
		one.done = 1 // want data-race "one.done"
	}()
	group.Wait()
	fmt.Println(one.before)
	one.done = 2 // want data-race "one.done"
}

func lock() {
	var lock sync.Mutex
	held, end := make(chan bool), make(chan bool)
	go func() {
		lock.Lock()
		held <- true
		one.before = 4
		lock.Unlock()
		one.unlocked = 1 // want data-race "one.unlocked"
		end <- true
	}()
	<-held
	lock.Lock()
	fmt.Println(one.before)
	one.unlocked = 2 // want data-race "one.unlocked"
	lock.Unlock()
	<-end
}

func readers() {
	var lock sync.RWMutex
	held, end := make(chan bool), make(chan bool)
	go func() {
		lock.Lock()
		held <- true
		one.before = 5
		lock.Unlock()
		one.read = 1 // want data-race "one.read"
		end <- true
	}()
	<-held
	lock.RLock()
	fmt.Println(one.before)
	one.read = 2 // want data-race "one.read"
	lock.RUnlock()
	<-end
}

func choice() {
	left, right, end := make(chan int), make(chan int), make(chan bool)
	go func() {
		one.before = 6
		right <- 1
		one.chosen = 1 // want data-race "one.chosen"
		end <- true
	}()
	select {
	case <-left:
	case <-right:
	}
	fmt.Println(one.before)
	one.chosen = 2 // want data-race "one.chosen"
	<-end
}

// The second hands on what the first did, but not what the first does then.
func chain() {
	first, second, end := make(chan int), make(chan int), make(chan bool, 2)
	go func() {
		one.before = 7
		first <- 1
		one.third = 1 // want data-race "one.third"
		end <- true
	}()
	go func() {
		<-first
		second <- 1
		end <- true
	}()
	<-second
	fmt.Println(one.before)
	one.third = 2 // want data-race "one.third"
	<-end
	<-end
}

// A signal orders nothing, the lock does, and the one that signals never has it.
func condition() {
	var lock sync.Mutex
	signal := sync.NewCond(&lock)
	ready, end := make(chan bool), make(chan bool)
	go func() {
		lock.Lock()
		ready <- true
		signal.Wait()
		one.signalled++ // want data-race "one.signalled"
		lock.Unlock()
		end <- true
	}()
	<-ready
	for woken := false; !woken; {
		one.signalled++ // want data-race "one.signalled"
		signal.Signal()
		select {
		case woken = <-end:
		case <-time.After(time.Millisecond):
		}
	}
}

func sleeper() {
	end := make(chan bool)
	go func() {
		time.Sleep(20 * time.Millisecond)
		one.slept = 1 // want data-race "one.slept"
		end <- true
	}()
	one.slept = 2 // want data-race "one.slept"
	<-end
}
