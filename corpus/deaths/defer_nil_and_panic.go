// A deferred nil function while a panic runs.
package main

func main() { var f func(); defer f(); panic("first") }
