// SIGSYS to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGSYS); time.Sleep(time.Second) }
