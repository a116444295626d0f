// GOTRACEBACK=crash ends by SIGABRT.
//
// env: GOTRACEBACK=crash
package main

func main() { panic("crash") }
