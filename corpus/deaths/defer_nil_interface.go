// A deferred method of a nil interface.
package main

type I interface{ m() }

func main() { var i I; defer i.m(); println("body") }
