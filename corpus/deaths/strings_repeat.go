// strings.Repeat with a negative count.
package main

import "strings"

func main() { println(strings.Repeat("x", -1)) }
