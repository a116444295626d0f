// A deferred nil function.
package main

func main() { var f func(); defer f(); println("body") }
