// The twin of race/killed_command.go: the status travels through the channel, which has room for it.
//
// Provenance: own.
package main

import (
	"fmt"
	"os/exec"
	"time"
)

func run(limit time.Duration) (status int, killed bool) {
	command := exec.Command("sleep", "0.001")
	if err := command.Start(); err != nil {
		panic(err)
	}
	done := make(chan int, 1)
	go func() {
		if command.Wait() != nil {
			done <- 1
		} else {
			done <- 0
		}
	}()
	select {
	case <-time.After(limit):
		command.Process.Kill()
		killed = true
	case status = <-done:
	}
	return
}

func main() {
	fmt.Println(run(time.Millisecond))
	time.Sleep(50 * time.Millisecond)
}
