// A write to memory that may only be read.
package main

import "syscall"

//go:noinline
func f(b []byte) { b[0] = 1 }
func main() {
	b, _ := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	f(b)
}
