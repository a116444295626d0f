// Both streams, and a status.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("to standard output")
	println("to standard error")
	os.Exit(3)
}
