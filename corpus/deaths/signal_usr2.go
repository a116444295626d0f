// SIGUSR2 to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGUSR2); time.Sleep(time.Second) }
