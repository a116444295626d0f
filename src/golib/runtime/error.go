package runtime

import (
	"internal/abi"
	"internal/bytealg"
	_ "unsafe"
)

// Error identifies a run time error, such as a failed type assertion.
type Error interface {
	error
	// RuntimeError is a no-op that tells run time errors from others.
	RuntimeError()
}

// A TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct {
	_interface    *_type
	concrete      *_type
	asserted      *_type
	missingMethod string
}

func (*TypeAssertionError) RuntimeError() {}

func (e *TypeAssertionError) Error() string {
	inter := "interface"
	if e._interface != nil {
		inter = toRType(e._interface).string()
	}
	as := toRType(e.asserted).string()
	if e.concrete == nil {
		return "interface conversion: " + inter + " is nil, not " + as
	}
	cs := toRType(e.concrete).string()
	if e.missingMethod == "" {
		msg := "interface conversion: " + inter + " is " + cs + ", not " + as
		if cs == as {
			if toRType(e.concrete).pkgpath() != toRType(e.asserted).pkgpath() {
				msg += " (types from different packages)"
			} else {
				msg += " (types from different scopes)"
			}
		}
		return msg
	}
	return "interface conversion: " + cs + " is not " + as + ": missing method " + e.missingMethod
}

// An errorString is a run time error described by one string.
type errorString string

func (e errorString) RuntimeError() {}
func (e errorString) Error() string { return "runtime error: " + string(e) }

type errorAddressString struct {
	msg  string
	addr uintptr
}

func (e errorAddressString) RuntimeError() {}
func (e errorAddressString) Error() string { return "runtime error: " + e.msg }
func (e errorAddressString) Addr() uintptr { return e.addr }

// A plainError is printed without the "runtime error: " prefix.
type plainError string

func (e plainError) RuntimeError() {}
func (e plainError) Error() string { return string(e) }

// A PanicNilError happens when code calls panic(nil).
type PanicNilError struct {
	_ [0]func()
}

func (*PanicNilError) Error() string { return panicNilText }
func (*PanicNilError) RuntimeError() {}

// A boundsError is an index or slice bound out of range.
type boundsError struct {
	x      int64
	y      int
	signed bool
	code   uint8
}

const (
	boundsIndex = iota
	boundsSliceAlen
	boundsSliceAcap
	boundsSliceB
	boundsSlice3Alen
	boundsSlice3Acap
	boundsSlice3B
	boundsSlice3C
	boundsConvert
)

// %x stands for the index, %y for the limit.
var boundsErrorFmts = [...]string{
	boundsIndex:      "index out of range [%x] with length %y",
	boundsSliceAlen:  "slice bounds out of range [:%x] with length %y",
	boundsSliceAcap:  "slice bounds out of range [:%x] with capacity %y",
	boundsSliceB:     "slice bounds out of range [%x:%y]",
	boundsSlice3Alen: "slice bounds out of range [::%x] with length %y",
	boundsSlice3Acap: "slice bounds out of range [::%x] with capacity %y",
	boundsSlice3B:    "slice bounds out of range [:%x:%y]",
	boundsSlice3C:    "slice bounds out of range [%x:%y:]",
	boundsConvert:    "cannot convert slice with length %x to array or pointer to array with length %y",
}

var boundsNegErrorFmts = [...]string{
	boundsIndex:      "index out of range [%x]",
	boundsSliceAlen:  "slice bounds out of range [:%x]",
	boundsSliceAcap:  "slice bounds out of range [:%x]",
	boundsSliceB:     "slice bounds out of range [%x:]",
	boundsSlice3Alen: "slice bounds out of range [::%x]",
	boundsSlice3Acap: "slice bounds out of range [::%x]",
	boundsSlice3B:    "slice bounds out of range [:%x:]",
	boundsSlice3C:    "slice bounds out of range [%x::]",
}

func (e boundsError) RuntimeError() {}

func (e boundsError) Error() string {
	format := boundsErrorFmts[e.code]
	if e.signed && e.x < 0 {
		format = boundsNegErrorFmts[e.code]
	}
	b := make([]byte, 0, 100)
	b = append(b, "runtime error: "...)
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			b = append(b, c)
			continue
		}
		i++
		if format[i] == 'x' {
			b = appendInt(b, e.x, e.signed)
		} else {
			b = appendInt(b, int64(e.y), true)
		}
	}
	return string(b)
}

func appendInt(b []byte, v int64, signed bool) []byte {
	if signed && v < 0 {
		b = append(b, '-')
		v = -v
	}
	var buf [20]byte
	i := len(buf)
	u := uint64(v)
	for {
		i--
		buf[i] = byte('0' + u%10)
		u /= 10
		if u == 0 {
			break
		}
	}
	return append(b, buf[i:]...)
}

func panicBounds(x int64, signed bool, y int, code uint8) {
	panic(boundsError{x: x, signed: signed, y: y, code: code})
}

func panicIndex(x int, y int)                { panicBounds(int64(x), true, y, boundsIndex) }
func panicIndexU(x uint, y int)              { panicBounds(int64(x), false, y, boundsIndex) }
func panicSliceAlen(x int, y int)            { panicBounds(int64(x), true, y, boundsSliceAlen) }
func panicSliceAlenU(x uint, y int)          { panicBounds(int64(x), false, y, boundsSliceAlen) }
func panicSliceAcap(x int, y int)            { panicBounds(int64(x), true, y, boundsSliceAcap) }
func panicSliceAcapU(x uint, y int)          { panicBounds(int64(x), false, y, boundsSliceAcap) }
func panicSliceB(x int, y int)               { panicBounds(int64(x), true, y, boundsSliceB) }
func panicSliceBU(x uint, y int)             { panicBounds(int64(x), false, y, boundsSliceB) }
func panicSlice3Alen(x int, y int)           { panicBounds(int64(x), true, y, boundsSlice3Alen) }
func panicSlice3AlenU(x uint, y int)         { panicBounds(int64(x), false, y, boundsSlice3Alen) }
func panicSlice3Acap(x int, y int)           { panicBounds(int64(x), true, y, boundsSlice3Acap) }
func panicSlice3AcapU(x uint, y int)         { panicBounds(int64(x), false, y, boundsSlice3Acap) }
func panicSlice3B(x int, y int)              { panicBounds(int64(x), true, y, boundsSlice3B) }
func panicSlice3BU(x uint, y int)            { panicBounds(int64(x), false, y, boundsSlice3B) }
func panicSlice3C(x int, y int)              { panicBounds(int64(x), true, y, boundsSlice3C) }
func panicSlice3CU(x uint, y int)            { panicBounds(int64(x), false, y, boundsSlice3C) }
func panicSliceConvert(x int, y int)         { panicBounds(int64(x), true, y, boundsConvert) }
func panicdivide()                           { panic(divideError) }
func panicoverflow()                         { panic(overflowError) }
func panicshift()                            { panic(shiftError) }
func panicmakeslicelen()                     { panic(errorString("makeslice: len out of range")) }
func panicmakeslicecap()                     { panic(errorString("makeslice: cap out of range")) }
func panicunsafeslicelen()                   { panic(errorString("unsafe.Slice: len out of range")) }
func panicunsafeslicenilptr()                { panic(errorString("unsafe.Slice: ptr is nil and len is not zero")) }
func panicunsafestringlen()                  { panic(errorString("unsafe.String: len out of range")) }
func panicunsafestringnilptr()               { panic(errorString("unsafe.String: ptr is nil and len is not zero")) }
func panicnilmap()                           { panic(plainError("assignment to entry in nil map")) }
func panicmem()                              { panic(memoryError) }

var (
	shiftError  = error(errorString("negative shift amount"))
	memoryError = error(errorString("invalid memory address or nil pointer dereference"))
)

//go:linkname divideError
var divideError = error(errorString("integer divide by zero"))

//go:linkname overflowError
var overflowError = error(errorString("integer overflow"))

// panicrangestate reports a loop body of a range-over-func called when it must not be.
func panicrangestate(state int) {
	switch abi.RF_State(state) {
	case abi.RF_DONE:
		panic(rangeDoneError)
	case abi.RF_PANIC:
		panic(rangePanicError)
	case abi.RF_EXHAUSTED:
		panic(rangeExhaustedError)
	case abi.RF_MISSING_PANIC:
		panic(rangeMissingPanicError)
	}
	throw("unexpected state set by defer")
}

var (
	rangeDoneError         = error(errorString("range function continued iteration after function for loop body returned false"))
	rangePanicError        = error(errorString("range function continued iteration after loop body panic"))
	rangeExhaustedError    = error(errorString("range function continued iteration after whole loop exit"))
	rangeMissingPanicError = error(errorString("range function recovered a loop body panic and did not resume panicking"))
)

// panicwrap reports a value method called through a nil pointer; the name is that of the wrapper, pkg.(*T).M.
func panicwrap() {
	// Not from a traceback, which leaves wrappers out.
	name := funcNameForPC(getcallerpc())
	i := bytealg.IndexByteString(name, '(')
	if i < 0 {
		throw("panicwrap: no ( in " + name)
	}
	pkg := name[:i-1]
	name = name[i+2:]
	i = bytealg.IndexByteString(name, ')')
	if i < 0 {
		throw("panicwrap: no ) in " + name)
	}
	typ := name[:i]
	meth := name[i+2:]
	panic(plainError("value method " + pkg + "." + typ + "." + meth + " called using nil *" + typ + " pointer"))
}
