// A panic in a function given to time.AfterFunc.
package main

import "time"

func main() { time.AfterFunc(time.Millisecond, func() { panic("timer") }); select {} }
