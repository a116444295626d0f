// The function uses what it has just set.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

var (
	once   sync.Once
	driver string
)

func connect() string {
	once.Do(func() {
		driver = "sql"
		fmt.Println("driver", driver)
	})
	return driver
}

func describe() string { return "driver " + connect() }

func main() {
	fmt.Println(connect())
}
