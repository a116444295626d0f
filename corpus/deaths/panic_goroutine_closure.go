// A panic in a goroutine started with a closure.
package main

func main() {
	done := make(chan int)
	go func() {
		panic("closure")
	}()
	<-done
}
