// All asleep: a loop over a channel.
package main

func main() {
	c := make(chan int)
	for range c {
	}
}
