// A nil function with arguments in a go statement.
package main

func main() { var f func(int); go f(1); select {} }
