// The function of a sync.Once calls back into the same Once.
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
	once.Do(func() { // want lock-cycle "holds itself"
		driver = "sql"
		fmt.Println(describe())
	})
	return driver
}

func describe() string { return "driver " + connect() }

func main() {
	fmt.Println(connect())
}
