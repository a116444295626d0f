// A panic with a string of a defined type, with lines.
package main

type T string

func main() { panic(T("one\ntwo")) }
