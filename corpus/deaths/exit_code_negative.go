// os.Exit with a negative code.
package main

import "os"

func main() { os.Exit(-1) }
