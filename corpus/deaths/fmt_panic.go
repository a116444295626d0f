// fmt catches a String method's panic; main panics after.
package main

import "fmt"

type T struct{}

func (T) String() string { panic("string") }
func main()              { fmt.Println(T{}); panic(fmt.Sprint(T{})) }
