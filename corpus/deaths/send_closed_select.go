// A send on a closed channel in a select.
package main

//go:noinline
func f(c, d chan int) {
	select {
	case c <- 1:
	case <-d:
	}
}
func main() { c := make(chan int, 1); close(c); f(c, nil) }
