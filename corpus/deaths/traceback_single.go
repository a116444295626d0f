// GOTRACEBACK=single.
//
// env: GOTRACEBACK=single
package main

func main() { go func() { select {} }(); panic("single") }
