// Buffers from a sync.Pool, written by four goroutines.
package main

import (
	"bytes"
	"fmt"
	"sync"
)

func main() {
	pool := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	var all sync.WaitGroup
	sums := make([]int, 4)
	for g := range sums {
		all.Go(func() {
			for i := range 40000 {
				b := pool.Get().(*bytes.Buffer)
				b.Reset()
				for k := range 16 {
					b.WriteByte(byte(i + k))
				}
				b.WriteString("and some more text")
				sums[g] += b.Len()
				pool.Put(b)
			}
		})
	}
	all.Wait()
	fmt.Println(sums)
}
