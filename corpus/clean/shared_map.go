// Each goroutine has its own map; they are merged afterwards.
//
// Provenance: own.
package main

import "fmt"

func main() {
	parts := make(chan map[string]bool)
	for g := range 2 {
		go func() {
			seen := map[string]bool{}
			for i := range 50 {
				seen[fmt.Sprint(g, i)] = true
			}
			parts <- seen
		}()
	}
	seen := <-parts
	for key := range <-parts {
		seen[key] = true
	}
	fmt.Println(len(seen))
}
