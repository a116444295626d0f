// Lines of a panic's string after the first are indented.
package main

func main() { panic("first\nsecond\n\nfourth") }
