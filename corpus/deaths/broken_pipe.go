// A write to standard output whose reader has gone.
package main

import (
	"os"
	"syscall"
	"time"
)

func main() {
	r, w, _ := os.Pipe()
	syscall.Dup2(int(w.Fd()), 1)
	w.Close()
	r.Close()
	os.Stdout.WriteString("x")
	time.Sleep(time.Second)
	println("alive")
}
