// A function given to sync.Once panics.
package main

import "sync"

func main() { var once sync.Once; once.Do(func() { panic("once") }) }
