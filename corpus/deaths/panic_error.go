// A panic with an error.
package main

import "errors"

func main() { panic(errors.New("no such luck")) }
