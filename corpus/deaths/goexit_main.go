// main calls runtime.Goexit and nobody is left.
package main

import "runtime"

func main() { runtime.Goexit() }
