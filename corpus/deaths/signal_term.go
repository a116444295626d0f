// SIGTERM to oneself.
package main

import (
	"syscall"
	"time"
)

func main() { syscall.Kill(syscall.Getpid(), syscall.SIGTERM); time.Sleep(time.Second) }
