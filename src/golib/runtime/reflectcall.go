package runtime

import (
	"internal/abi"
	"unsafe"
)

// Calls between reflect and compiled code. reflect, told that there are no argument registers, lays a call out as one
// frame; the natives marshal frames to and from registers by the function's type.

// reflectcall calls fn (a func value) with the frame's arguments; the results go to the frame from retOffset on. typ is
// the frame's type that reflect made, or the function's own type.
func reflectcall(typ *_type, fn, frame unsafe.Pointer, argSize, retOffset, frameSize uint32, regs *abi.RegArgs) {
	ft, method := frameFunction(typ)
	var r registerCall
	var small [16]unsafe.Pointer
	r.code = *(*unsafe.Pointer)(fn)
	r.context = fn
	r.stack = unsafe.Pointer(&small)
	r.nstack = uintptr(len(small))
	if !marshalArguments(&r, ft, frame, uintptr(retOffset), method) {
		large := make([]unsafe.Pointer, maxStackWords)
		r.stack = unsafe.Pointer(&large[0])
		r.nstack = maxStackWords
		if !marshalArguments(&r, ft, frame, uintptr(retOffset), method) {
			throw("reflect: call of a function with too many arguments")
		}
	}
	callRegisters(&r)
	marshalResults(&r, ft, frame, uintptr(retOffset))
	KeepAlive(fn)
}

// A frame's type does not say which function it is for; reflect's cache of frame layouts does. What is found is noted in
// the frame type's own Equal, which nothing else uses: the function's type, and in Kind_ whether a receiver stands first.
const (
	frameKnown    = 1
	frameReceiver = 2
)

//go:linkname reflect_layoutCache reflect.layoutCache
var reflect_layoutCache [0]uintptr

//go:linkname syncMapRange sync.(*Map).Range
func syncMapRange(m unsafe.Pointer, f func(key, value any) bool)

func frameFunction(typ *_type) (ft *abi.FuncType, method bool) {
	if typ.Kind() == abi.Func {
		return (*abi.FuncType)(unsafe.Pointer(typ)), false
	}
	note := (*unsafe.Pointer)(unsafe.Pointer(&typ.Equal))
	if typ.Kind_ == 0 {
		syncMapRange(unsafe.Pointer(&reflect_layoutCache), func(key, value any) bool {
			k := (*struct {
				ftyp *abi.FuncType
				rcvr *_type
			})(efaceOf(&key).data)
			if *(**_type)(efaceOf(&value).data) != typ {
				return true
			}
			*note = unsafe.Pointer(k.ftyp)
			typ.Kind_ = frameKnown
			if k.rcvr != nil {
				typ.Kind_ = frameReceiver
			}
			return false
		})
		if typ.Kind_ == 0 {
			throw("reflect: call through an unknown frame")
		}
	}
	return (*abi.FuncType)(*note), typ.Kind_ == frameReceiver
}

// Functions that reflect makes: their code (natives reflect.makeFuncStub and reflect.methodValueCall) stores the
// registers in a record and calls these.
const (
	hookMakeFunc    = 1
	hookMethodValue = 2
)

// The heads of reflect's closure objects.
type makeFuncCtxt struct {
	fn      uintptr
	stack   unsafe.Pointer
	argLen  uintptr
	regPtrs abi.IntArgRegBitmap
}

type makeFuncImpl struct {
	makeFuncCtxt
	ftyp *abi.FuncType
}

type reflectValue struct {
	typ  *_type
	ptr  unsafe.Pointer
	flag uintptr
}

type methodValue struct {
	makeFuncCtxt
	method int
	rcvr   reflectValue
}

//go:linkname reflect_callReflect reflect.callReflect
func reflect_callReflect(ctxt *makeFuncImpl, frame unsafe.Pointer, retValid *bool, regs *abi.RegArgs)

//go:linkname reflect_callMethod reflect.callMethod
func reflect_callMethod(ctxt *methodValue, frame unsafe.Pointer, retValid *bool, regs *abi.RegArgs)

//go:linkname reflect_methodReceiver reflect.methodReceiver
func reflect_methodReceiver(op string, v reflectValue, i int) (rcvr *_type, t *abi.FuncType, fn unsafe.Pointer)

func reflectinit() {
	makeFunc, method := makeFuncEntry, methodValueEntry
	setHook(hookMakeFunc, *(*func())(unsafe.Pointer(&makeFunc)))
	setHook(hookMethodValue, *(*func())(unsafe.Pointer(&method)))
}

func makeFuncEntry(r *registerCall) {
	ctxt := (*makeFuncImpl)(r.context)
	frame, retOffset := newFrame(ctxt.ftyp)
	unmarshalArguments(r, ctxt.ftyp, frame)
	var retValid bool
	var regs abi.RegArgs
	reflect_callReflect(ctxt, frame, &retValid, &regs)
	unmarshalResults(r, ctxt.ftyp, frame, retOffset)
}

func methodValueEntry(r *registerCall) {
	ctxt := (*methodValue)(r.context)
	_, ft, _ := reflect_methodReceiver("call", ctxt.rcvr, ctxt.method)
	frame, retOffset := newFrame(ft)
	unmarshalArguments(r, ft, frame)
	var retValid bool
	var regs abi.RegArgs
	reflect_callMethod(ctxt, frame, &retValid, &regs)
	unmarshalResults(r, ft, frame, retOffset)
}

// newFrame makes a frame for a call of a function of type ft, every word of which the collector looks at.
func newFrame(ft *abi.FuncType) (frame unsafe.Pointer, retOffset uintptr) {
	size := uintptr(0)
	for _, t := range ft.InSlice() {
		size = alignUp(size, uintptr(t.Align_)) + t.Size_
	}
	retOffset = alignUp(size, ptrSize)
	size = retOffset
	for _, t := range ft.OutSlice() {
		size = alignUp(size, uintptr(t.Align_)) + t.Size_
	}
	words := make([]unsafe.Pointer, alignUp(size, ptrSize)/ptrSize+1)
	return unsafe.Pointer(&words[0]), retOffset
}

func alignUp(n, a uintptr) uintptr { return (n + a - 1) &^ (a - 1) }
