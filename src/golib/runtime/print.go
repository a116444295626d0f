package runtime

import (
	"internal/runtime/atomic"
	"internal/strconv"
	"unsafe"
)

// The print and println builtins write to standard error, unbuffered but line-locked by the single write of each
// statement's pieces while printlock is held.

var printBuffer [512]byte
var printUsed int
var printDepth int

// printOwner is the goroutine that holds printLocked, where several threads run.
var (
	printLocked uint32
	printOwner  *g
)

//go:norace
func printlock() {
	if threaded && printOwner != getg() {
		for !atomic.Cas(&printLocked, 0, 1) {
			gosched()
		}
		printOwner = getg()
	}
	printDepth++
}


func printunlock() {
	printDepth--
	if printDepth <= 0 {
		printDepth = 0
		printflush()
		if threaded {
			printOwner = nil
			atomic.Store(&printLocked, 0)
		}
	}
}

func printflush() {
	if printUsed > 0 {
		write(2, unsafe.Pointer(&printBuffer[0]), int32(printUsed))
		if panicking && crashFD >= 0 {
			write(uintptr(crashFD), unsafe.Pointer(&printBuffer[0]), int32(printUsed))
		}
		printUsed = 0
	}
}

//go:norace
func printbytes(p unsafe.Pointer, n int) {
	for i := 0; i < n; i++ {
		if printUsed == len(printBuffer) {
			printflush()
		}
		printBuffer[printUsed] = *(*byte)(add(p, uintptr(i)))
		printUsed++
	}
	if printDepth == 0 {
		printflush()
	}
}

func printstring(s string) { printbytes(unsafe.Pointer(unsafe.StringData(s)), len(s)) }
func printsp()             { printstring(" ") }
func printnl()             { printstring("\n") }

func printbool(v bool) {
	if v {
		printstring("true")
	} else {
		printstring("false")
	}
}

func printuint(v uint64) {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + v%10)
		v /= 10
		if v == 0 {
			break
		}
	}
	printbytes(unsafe.Pointer(&buf[i]), len(buf)-i)
}

func printint(v int64) {
	if v < 0 {
		printstring("-")
		v = -v
	}
	printuint(uint64(v))
}

func printhex(v uint64) {
	const digits = "0123456789abcdef"
	var buf [18]byte
	i := len(buf)
	for {
		i--
		buf[i] = digits[v%16]
		v /= 16
		if v == 0 {
			break
		}
	}
	i--
	buf[i] = 'x'
	i--
	buf[i] = '0'
	printbytes(unsafe.Pointer(&buf[i]), len(buf)-i)
}

func printpointer(p unsafe.Pointer) { printhex(uint64(uintptr(p))) }
func printuintptr(p uintptr)        { printhex(uint64(p)) }

func printfloat64(v float64) {
	var buf [24]byte
	b := strconv.AppendFloat(buf[:0], v, 'g', -1, 64)
	printbytes(unsafe.Pointer(&b[0]), len(b))
}

func printfloat32(v float32) {
	var buf [24]byte
	b := strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32)
	printbytes(unsafe.Pointer(&b[0]), len(b))
}

func printcomplex128(c complex128) {
	var buf [56]byte
	b := strconv.AppendComplex(buf[:0], c, 'g', -1, 128)
	printbytes(unsafe.Pointer(&b[0]), len(b))
}

func printcomplex64(c complex64) {
	var buf [56]byte
	b := strconv.AppendComplex(buf[:0], complex128(c), 'g', -1, 64)
	printbytes(unsafe.Pointer(&b[0]), len(b))
}

func printslice(s []byte) {
	sp := (*slice)(unsafe.Pointer(&s))
	print("[", len(s), "/", cap(s), "]")
	printpointer(sp.array)
}

func printeface(e eface) { print("(", unsafe.Pointer(e._type), ",", e.data, ")") }
func printiface(i iface) { print("(", unsafe.Pointer(i.tab), ",", i.data, ")") }
