// Two goroutines that hand a number back and forth over unbuffered channels.
package main

import "fmt"

func main() {
	there, back := make(chan int), make(chan int)
	go func() {
		for n := range there {
			back <- n + 1
		}
		close(back)
	}()
	n := 0
	for range 1_000_000 {
		there <- n
		n = <-back
	}
	close(there)
	fmt.Println(n)
}
