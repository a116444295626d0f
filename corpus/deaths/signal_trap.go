// SIGTRAP to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGTRAP); time.Sleep(time.Second) }
