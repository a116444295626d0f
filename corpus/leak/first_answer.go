// Three replicas are asked, the first answer is taken: the others can never send theirs.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func fastest(replicas []string) string {
	answers := make(chan string)
	for i, r := range replicas {
		go func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			answers <- r // want goroutine-leak "waits in chan send"
		}()
	}
	return <-answers
}

func main() {
	fmt.Println(fastest([]string{"a", "b", "c"}) != "")
}
