// A panic with a nil error.
package main

func main() { var err error; panic(err) }
