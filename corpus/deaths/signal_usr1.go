// SIGUSR1 to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); time.Sleep(time.Second) }
