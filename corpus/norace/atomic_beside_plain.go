// A plain field and an atomic one share a word: a goroutine reads both, another stores the atomic one.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type job struct {
	number int32
	done   atomic.Int32
}

func main() {
	j := &job{number: 3}
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		fmt.Println(j.number, j.done.Load())
	}()
	go func() {
		defer wg.Done()
		j.done.Store(1)
	}()
	wg.Wait()
}
