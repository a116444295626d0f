// SIGPIPE to oneself is ignored.
package main

import (
	"syscall"
	"time"
)

func main() {
	syscall.Kill(syscall.Getpid(), syscall.SIGPIPE)
	time.Sleep(20 * time.Millisecond)
	println("alive")
}
