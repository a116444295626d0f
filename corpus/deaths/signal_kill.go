// SIGKILL to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGKILL); time.Sleep(time.Second) }
