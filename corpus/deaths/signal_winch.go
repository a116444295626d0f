// SIGWINCH to oneself does nothing.
package main

import (
	"syscall"
	"time"
)

func main() {
	syscall.Kill(syscall.Getpid(), syscall.SIGWINCH)
	time.Sleep(20 * time.Millisecond)
	println("alive")
}
