// An unlocked mutex is unlocked by a deferred call; recover does not help.
package main

import "sync"

//go:noinline
func f(mu *sync.Mutex) { defer func() { recover() }(); defer mu.Unlock(); println("body") }
func main()            { f(new(sync.Mutex)) }
