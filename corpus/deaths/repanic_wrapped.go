// A recovered error is wrapped and panicked with.
package main

import (
	"errors"
	"fmt"
)

func main() {
	defer func() { panic(fmt.Errorf("wrapped: %w", recover().(error))) }()
	panic(errors.New("an error"))
}
