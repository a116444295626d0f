// All asleep: a receive.
package main

func main() { c := make(chan int); <-c }
