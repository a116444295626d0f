// GOTRACEBACK=0.
//
// env: GOTRACEBACK=0
package main

func main() { var p *int; *p = 1 }
