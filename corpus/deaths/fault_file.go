// A read of a mapped file beyond its end.
package main

import (
	"os"
	"syscall"
)

//go:noinline
func f(b []byte) byte { return b[5000] }
func main() {
	file, _ := os.CreateTemp("", "x")
	os.Remove(file.Name())
	b, _ := syscall.Mmap(int(file.Fd()), 0, 8192, syscall.PROT_READ, syscall.MAP_SHARED)
	println(f(b))
}
