// Two arrays of interfaces that hold functions.
//
// differs: the function that compares the arrays is not shown.
package main

//go:noinline
func f(a, b [2]any) bool { return a == b }
func main()              { println(f([2]any{1, main}, [2]any{1, main})) }
