// SIGABRT to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGABRT); time.Sleep(time.Second) }
