// All asleep: in init.
package main

func init() { <-make(chan int) }
func main() {}
