// All asleep: in a deferred call.
package main

func main() { c := make(chan int); defer func() { <-c }(); println("body") }
