// os.Exit while a panic runs.
package main

import "os"

func main() { defer os.Exit(5); panic("never told") }
