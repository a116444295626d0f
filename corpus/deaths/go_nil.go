// A nil function in a go statement.
package main

func main() { var f func(); go f(); select {} }
