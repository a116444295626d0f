package unix

import (
	"syscall"
	"unsafe"
)

func gettimeofday(tv *Timeval) syscall.Errno {
	_, _, err := syscall.RawSyscall(syscall.SYS_GETTIMEOFDAY, uintptr(unsafe.Pointer(tv)), 0, 0)
	return err
}
