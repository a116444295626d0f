// A panic with nil where GODEBUG allows it.
//
// env: GODEBUG=panicnil=1
package main

func main() { panic(nil) }
