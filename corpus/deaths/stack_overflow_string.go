// A String method that prints itself.
//
// differs: in which function of fmt the stack ends depends on the frames' sizes.
package main

import (
	"fmt"
	"runtime/debug"
)

type T struct{ a int }

func (t T) String() string { return fmt.Sprint(t) }
func main()                { debug.SetMaxStack(1 << 20); fmt.Println(T{1}) }
