// A nil dereference in a deferred function.
package main

func main() { var p *int; defer func() { *p = 1 }(); println("body") }
