// A panic with not a number.
package main

import "math"

func main() { panic(math.NaN()) }
