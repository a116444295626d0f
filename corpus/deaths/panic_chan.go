// A panic with a channel.
package main

func main() { panic(make(chan int)) }
