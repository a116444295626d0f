// A method of a nil interface in a go statement.
package main

type I interface{ m() }

func main() { var i I; go i.m(); select {} }
