// SIGFPE to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGFPE); time.Sleep(time.Second) }
