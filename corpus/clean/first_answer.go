// The channel has room for every answer.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func fastest(replicas []string) string {
	answers := make(chan string, len(replicas))
	for i, r := range replicas {
		go func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			answers <- r
		}()
	}
	return <-answers
}

func main() {
	fmt.Println(fastest([]string{"a", "b", "c"}) != "")
}
