// The cost of single operations, in nanoseconds, while another goroutine lives, so that nobody is alone. A line for each: the time of one
// operation, and its name.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const rounds = 200_000

var shared [64]int

// times prints what one of the operations that f does takes, the best of five turns.
func times(name string, count int, f func()) {
	least := time.Duration(1 << 62)
	for range 5 {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	fmt.Printf("%.2f %s\n", float64(least.Nanoseconds())/float64(count), name)
}

// two runs the same function in two goroutines, and waits for both.
func two(f func(which int)) {
	var all sync.WaitGroup
	for which := range 2 {
		all.Go(func() { f(which) })
	}
	all.Wait()
}

func main() {
	end := make(chan bool)
	go func() { <-end }()
	for i := range shared {
		shared[i] = i
	}

	var mu sync.Mutex
	times("lock and unlock", rounds, func() {
		for range rounds {
			mu.Lock()
			mu.Unlock()
		}
	})
	var counter int
	times("lock, count and unlock", rounds, func() {
		for range rounds {
			mu.Lock()
			counter++
			mu.Unlock()
		}
	})
	var rw sync.RWMutex
	times("lock and unlock for reading", rounds, func() {
		for range rounds {
			rw.RLock()
			rw.RUnlock()
		}
	})
	values := make(chan int, 64)
	times("send and receive, buffered", rounds, func() {
		for i := range rounds {
			values <- i
			<-values
		}
	})
	times("select with default", rounds, func() {
		for range rounds {
			select {
			case <-values:
			default:
			}
		}
	})
	var number atomic.Int64
	times("atomic add", rounds, func() {
		for range rounds {
			number.Add(1)
		}
	})
	times("atomic load", rounds, func() {
		for range rounds {
			number.Load()
		}
	})
	var group sync.WaitGroup
	times("add and done of a wait group", rounds, func() {
		for range rounds {
			group.Add(1)
			group.Done()
		}
	})
	times("a goroutine started and waited for", rounds/10, func() {
		for range rounds / 10 {
			group.Add(1)
			go group.Done()
			group.Wait()
		}
	})
	times("a mutex handed between goroutines", rounds, func() {
		two(func(int) {
			for range rounds / 2 {
				mu.Lock()
				counter++
				mu.Unlock()
				runtime.Gosched()
			}
		})
	})
	ping, pong := make(chan int), make(chan int)
	times("a value handed by an unbuffered channel", rounds, func() {
		two(func(which int) {
			for i := range rounds / 2 {
				if which == 0 {
					ping <- i
					<-pong
				} else {
					pong <- <-ping
				}
			}
		})
	})
	stream := make(chan int, 64)
	times("a value through a buffer to another goroutine", rounds, func() {
		two(func(which int) {
			for i := range rounds {
				if which == 0 {
					stream <- i
				} else {
					<-stream
				}
			}
		})
	})
	times("an atomic add by two goroutines", rounds, func() {
		two(func(int) {
			for range rounds / 2 {
				number.Add(1)
			}
		})
	})
	times("a read of what all read", rounds*64, func() {
		two(func(int) {
			sum := 0
			for range rounds / 2 {
				for _, v := range &shared {
					sum += v
				}
			}
			if sum == 0 {
				panic("nothing read")
			}
		})
	})
	grid := make([]byte, 4096)
	times("a byte written behind a lock, by turns", rounds/100*4096, func() {
		two(func(which int) {
			for i := range rounds / 200 {
				mu.Lock()
				for k := range grid {
					grid[k] = byte(i + which)
				}
				mu.Unlock()
			}
		})
	})
	end <- true
}
