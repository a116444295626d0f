// A panic with an infinity.
package main

import "math"

func main() { panic(math.Inf(-1)) }
