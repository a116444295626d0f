// Memory that the program gets from the system by itself: shared memory, mappings below 4 GB and at addresses of its choice, brk, mappings that grow.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

type record struct {
	n    int64
	b    byte
	text [100]byte
}

func must(what string, r uintptr, errno syscall.Errno) uintptr {
	if errno != 0 {
		panic(what + ": " + errno.Error())
	}
	return r
}

//go:noinline
func use(what string, at uintptr, len int) {
	p := (*record)(unsafe.Pointer(at))
	p.n = 7
	p.b++
	copy(p.text[:], what)
	q := *p
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(at)), len)
	bytes[len-1] = 9
	sum := 0
	for _, b := range bytes[len-100:] {
		sum += int(b)
	}
	done := make(chan bool)
	go func() {
		p.n++
		done <- true
	}()
	<-done
	fmt.Println(what, p.n, q.b, string(q.text[:len0(q.text[:])]), sum)
}

func len0(b []byte) int {
	for i, c := range b {
		if c == 0 {
			return i
		}
	}
	return len(b)
}

func mmap(at, len, flags uintptr) uintptr {
	flags |= syscall.MAP_ANON | syscall.MAP_PRIVATE
	r, _, errno := syscall.Syscall6(syscall.SYS_MMAP, at, len, syscall.PROT_READ|syscall.PROT_WRITE, flags, ^uintptr(0), 0)
	return must("mmap", r, errno)
}

func main() {
	const size = 1 << 16
	id, _, errno := syscall.Syscall(syscall.SYS_SHMGET, 0, size, 0o1600)
	must("shmget", id, errno)
	at, _, errno := syscall.Syscall(syscall.SYS_SHMAT, id, 0, 0)
	must("shmat", at, errno)
	use("shared memory", at, size)
	syscall.Syscall(syscall.SYS_SHMDT, at, 0, 0)
	syscall.Syscall(syscall.SYS_SHMCTL, id, 0, 0)

	const map32 = 0x40
	use("below 4 GB", mmap(0, size, map32), size)
	use("fixed", mmap(0x5000_0000_0000, size, syscall.MAP_FIXED), size)
	at = mmap(0, size, 0)
	use("anywhere", at, size)
	r, _, errno := syscall.Syscall6(syscall.SYS_MREMAP, at, size, 64*size, 1, 0, 0)
	use("grown", must("mremap", r, errno), 64*size)

	end, _, _ := syscall.Syscall(syscall.SYS_BRK, 0, 0, 0)
	end = (end + 4095) &^ 4095
	r, _, _ = syscall.Syscall(syscall.SYS_BRK, end+size, 0, 0)
	if r < end+size {
		fmt.Println("no brk")
		return
	}
	use("brk", end, size)
}
