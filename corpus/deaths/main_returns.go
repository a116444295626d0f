// A goroutine's panic does not come after main's end.
package main

func main() { go func() { select {} }(); println("end") }
