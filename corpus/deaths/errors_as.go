// errors.As with no pointer.
package main

import "errors"

func main() { var target error; errors.As(errors.New("x"), target) }
