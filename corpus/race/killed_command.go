// A command that takes as long as it is given: whether it ends by itself or is killed is not decided. Go may miss it: it depends on the machine.
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
	done := make(chan error)
	go func() {
		err := command.Wait()
		status = 1  // want data-race "status"
		done <- err // want goroutine-leak "blocked for ever"
	}()
	select {
	case <-time.After(limit):
		command.Process.Kill()
		killed = true
	case <-done:
	}
	return // want data-race "status"
}

func main() {
	fmt.Println(run(time.Millisecond))
	time.Sleep(50 * time.Millisecond)
}
