// SIGQUIT that the program asked for.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGQUIT, syscall.SIGABRT)
	syscall.Kill(syscall.Getpid(), syscall.SIGQUIT)
	println((<-c).String())
	syscall.Kill(syscall.Getpid(), syscall.SIGABRT)
	println((<-c).String())
}
