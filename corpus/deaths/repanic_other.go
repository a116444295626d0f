// After a recovery comes another panic.
package main

func main() {
	defer func() {
		recover()
		panic("other")
	}()
	panic("first")
}
