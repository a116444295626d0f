// Words of texts counted by workers in maps of their own, which are joined under a lock.
package main

import (
	"fmt"
	"strings"
	"sync"
)

func main() {
	texts := make(chan string, 8)
	total := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for text := range texts {
				counts := map[string]int{}
				for _, word := range strings.Fields(text) {
					counts[strings.ToLower(word)]++
				}
				mu.Lock()
				for word, n := range counts {
					total[word] += n
				}
				mu.Unlock()
			}
		})
	}
	for i := range 4000 {
		texts <- fmt.Sprintf("The quick brown fox %d jumps over the lazy dog %d times and then it rests a while", i%50, i%7)
	}
	close(texts)
	all.Wait()
	fmt.Println(len(total), total["the"])
}
