// A goroutine waits for a timer that has been stopped.
//
// Provenance: own.
package main

import (
	"fmt"
	"time"
)

func main() {
	timer := time.NewTimer(time.Hour)
	go func() {
		<-timer.C // want goroutine-leak "waits in chan receive"
		fmt.Println("reminder")
	}()
	time.Sleep(time.Millisecond)
	fmt.Println(timer.Stop())
}
