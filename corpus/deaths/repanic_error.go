// A recovered error is panicked with again.
package main

import "errors"

func main() {
	defer func() { panic(recover()) }()
	panic(errors.New("an error"))
}
