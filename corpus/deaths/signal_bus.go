// SIGBUS to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGBUS); time.Sleep(time.Second) }
