// SIGILL to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGILL); time.Sleep(time.Second) }
