// GOTRACEBACK=none.
//
// env: GOTRACEBACK=none
package main

func main() { panic("quiet") }
