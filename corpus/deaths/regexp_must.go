// regexp.MustCompile with an error.
package main

import "regexp"

func main() { regexp.MustCompile("a(b") }
