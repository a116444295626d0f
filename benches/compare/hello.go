// The smallest program that uses fmt: what a wait costs before the program itself does anything.
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
