// SIGHUP to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGHUP); time.Sleep(time.Second) }
