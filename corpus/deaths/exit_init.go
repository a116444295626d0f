// os.Exit in init.
package main

import "os"

func init() { os.Exit(6) }
func main() {}
