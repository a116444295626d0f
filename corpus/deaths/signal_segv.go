// SIGSEGV to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGSEGV); time.Sleep(time.Second) }
