// More memory than there is.
package main

//go:noinline
func f(n int) []byte { return make([]byte, n) }
func main()          { println(len(f(1 << 46))) }
