// GOTRACEBACK=system shows the runtime's frames.
//
// env: GOTRACEBACK=system
package main

func main() { panic("system") }
