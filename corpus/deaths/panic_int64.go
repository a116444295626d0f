// A panic with the least int64.
package main

func main() { panic(int64(-1 << 63)) }
