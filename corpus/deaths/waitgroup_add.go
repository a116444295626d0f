// A negative number is added to a WaitGroup.
package main

import "sync"

//go:noinline
func f(wg *sync.WaitGroup) { wg.Add(-3) }
func main()                { f(new(sync.WaitGroup)) }
