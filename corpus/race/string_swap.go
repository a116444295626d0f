// A string variable is replaced while another goroutine prints it.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
	"sync"
)

var title = "draft"

func main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		title = strings.ToUpper("final") // want data-race "main.title"
	}()
	fmt.Println(title) // want data-race "main.title"
	wg.Wait()
}
