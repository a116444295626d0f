// Four goroutines load from a sync.Map and store into it.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var m sync.Map
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 60000 {
				if i%8 == 0 {
					m.Store(i%512, g)
				} else {
					m.Load(i % 512)
				}
			}
		})
	}
	all.Wait()
	n := 0
	m.Range(func(any, any) bool { n++; return true })
	fmt.Println(n)
}
