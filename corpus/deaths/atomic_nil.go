// atomic.Value with nil.
package main

import "sync/atomic"

func main() { var v atomic.Value; v.Store(nil) }
