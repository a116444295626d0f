// All asleep: a select without cases.
package main

func main() { select {} }
