// The Error method ends its goroutine.
//
// differs: Go's own runtime fails there (unknown pc).
package main

import "runtime"

type E struct{}

func (E) Error() string { runtime.Goexit(); return "" }
func main()             { panic(E{}) }
