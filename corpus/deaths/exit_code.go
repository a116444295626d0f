// os.Exit with a code; deferred calls do not run.
package main

import "os"

func main() { defer println("never"); println("before"); os.Exit(3) }
