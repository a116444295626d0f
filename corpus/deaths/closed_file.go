// A write to a closed file.
package main

import "os"

func main() { os.Stdout.Close(); _, err := os.Stdout.WriteString("x"); panic(err) }
