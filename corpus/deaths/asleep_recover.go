// All asleep is not a panic.
package main

func main() { defer func() { println(recover()) }(); <-make(chan int) }
