// All asleep: a receive from a nil channel.
package main

func main() { var c chan int; <-c }
