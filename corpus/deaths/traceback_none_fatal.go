// GOTRACEBACK=none and a fatal error.
//
// env: GOTRACEBACK=none
package main

func main() { select {} }
