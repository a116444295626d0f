// SIGINT to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGINT); time.Sleep(time.Second) }
