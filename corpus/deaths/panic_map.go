// A panic with a map.
package main

func main() { panic(map[string]int{"a": 1}) }
