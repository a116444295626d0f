// log.Panic.
package main

import "log"

func main() { log.SetFlags(0); log.Panicf("panic %d", 1) }
