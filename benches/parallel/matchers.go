// Four workers match one regular expression.
package main

import (
	"fmt"
	"regexp"
	"sync"
)

func main() {
	pattern := regexp.MustCompile(`(\w+)@(\w+)\.(com|org)`)
	var all sync.WaitGroup
	found := make([]int, 4)
	for g := range found {
		all.Go(func() {
			text := fmt.Sprintf("write to worker%d@example.com, or to nobody at all (list@golang.org)", g)
			for range 3000 {
				found[g] += len(pattern.FindAllString(text, -1))
			}
		})
	}
	all.Wait()
	fmt.Println(found)
}
