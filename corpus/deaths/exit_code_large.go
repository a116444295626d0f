// os.Exit with a code above 255.
package main

import "os"

func main() { os.Exit(259) }
