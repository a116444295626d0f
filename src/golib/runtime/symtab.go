package runtime

import "unsafe"

// Stack traces and functions by program counter, from the image's tables (natives callers and pcInfo).

// rawFrame is filled by pcInfo (shared with the natives): one frame of the possibly inlined frames at a pc.
type rawFrame struct {
	name      *byte
	nameLen   int
	file      *byte
	fileLen   int
	line      int
	startLine int
	entry     uintptr
	// wrapper says that stack traces leave the frame out; more that there are further inlined frames.
	wrapper bool
	more    bool
}

func (r *rawFrame) function() string { return unsafe.String(r.name, r.nameLen) }

// Frames translates program counters to function and line information.
type Frames struct {
	callers []uintptr
}

// Frame is the information that Frames returns for each call frame.
type Frame struct {
	// PC is the program counter for the location in this frame.
	PC uintptr
	// Func is the Func value of this call frame, nil for inlined frames.
	Func *Func
	// Function is the package path-qualified function name of this call frame.
	Function string
	// File and Line are the file name and line number of the location in this frame.
	File string
	Line int

	startLine int

	// Entry is the entry point of the function.
	Entry uintptr
}

// CallersFrames takes a slice of program counters returned by Callers and prepares to return their frames.
func CallersFrames(callers []uintptr) *Frames { return &Frames{callers: callers} }

// Next returns the next call frame and whether there are more.
func (ci *Frames) Next() (frame Frame, more bool) {
	for len(ci.callers) > 0 {
		// Each frame has a pc of its own, inlined ones too.
		pc := ci.callers[0]
		ci.callers = ci.callers[1:]
		var raw rawFrame
		if !pcInfo(pc-1, 0, &raw) {
			continue
		}
		frame = Frame{PC: pc - 1, Function: raw.function(), File: unsafe.String(raw.file, raw.fileLen), Line: raw.line, startLine: raw.startLine, Entry: raw.entry}
		if !raw.more {
			frame.Func = (*Func)(unsafe.Pointer(raw.entry))
		}
		return frame, len(ci.callers) > 0
	}
	return Frame{}, false
}

//go:linkname runtime_FrameStartLine runtime/pprof.runtime_FrameStartLine
func runtime_FrameStartLine(f *Frame) int { return f.startLine }

//go:linkname runtime_FrameSymbolName runtime/pprof.runtime_FrameSymbolName
func runtime_FrameSymbolName(f *Frame) string { return f.Function }

//go:linkname runtime_expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func runtime_expandFinalInlineFrame(stk []uintptr) []uintptr { return stk }

// A Func represents a Go function in the running binary; its address is the function's entry.
type Func struct {
	opaque struct{}
}

// FuncForPC returns the function containing the given program counter address, or nil.
func FuncForPC(pc uintptr) *Func {
	var raw rawFrame
	if !pcInfo(pc, 0, &raw) {
		return nil
	}
	if raw.more {
		f := &inlinedFunc{^uint32(0), raw.entry, raw.function(), unsafe.String(raw.file, raw.fileLen), raw.line}
		return (*Func)(unsafe.Pointer(f))
	}
	return (*Func)(unsafe.Pointer(raw.entry))
}

// inlinedFunc is what a Func of an inlined call points to. No code begins with its first word.
type inlinedFunc struct {
	ones       uint32
	entry      uintptr
	name, file string
	line       int
}

func (f *Func) inlined() *inlinedFunc {
	if p := (*inlinedFunc)(unsafe.Pointer(f)); p.ones == ^uint32(0) {
		return p
	}
	return nil
}

// Name returns the name of the function.
func (f *Func) Name() string {
	if f == nil {
		return ""
	}
	if p := f.inlined(); p != nil {
		return p.name
	}
	return funcNameForPC(uintptr(unsafe.Pointer(f)) + 1)
}

// Entry returns the entry address of the function.
func (f *Func) Entry() uintptr {
	if p := f.inlined(); p != nil {
		return p.entry
	}
	return uintptr(unsafe.Pointer(f))
}

// FileLine returns the file name and line number of the source code corresponding to the program counter pc.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	if p := f.inlined(); p != nil {
		return p.file, p.line
	}
	var raw rawFrame
	if !pcInfo(pc, 0, &raw) {
		return "?", 0
	}
	return unsafe.String(raw.file, raw.fileLen), raw.line
}

func (f *Func) startLine() int32 {
	var raw rawFrame
	if !pcInfo(f.Entry()+1, 0, &raw) {
		return 0
	}
	return int32(raw.startLine)
}

// funcNameForPC is the name of the function whose call returns to pc.
func funcNameForPC(pc uintptr) string {
	var raw rawFrame
	if !pcInfo(pc-1, 0, &raw) {
		return ""
	}
	return raw.function()
}

// Caller reports file and line number information about function invocations on the calling goroutine's stack.
func Caller(skip int) (pc uintptr, file string, line int, ok bool) {
	var pcs [1]uintptr
	if callers(getfp(), skip, &pcs[0], 1) < 1 {
		return
	}
	frame, _ := CallersFrames(pcs[:]).Next()
	return frame.PC, frame.File, frame.Line, frame.PC != 0
}

// Callers fills the slice pc with the return program counters of function invocations on the calling goroutine's
// stack. Skip 0 identifies the frame for Callers itself and 1 the caller of Callers.
func Callers(skip int, pc []uintptr) int {
	if len(pc) == 0 {
		return 0
	}
	if skip == 0 {
		pc[0] = getcallerpcOfSelf()
		if len(pc) == 1 {
			return 1
		}
		return 1 + callers(getfp(), 0, &pc[1], len(pc)-1)
	}
	return callers(getfp(), skip-1, &pc[0], len(pc))
}

func getcallerpcOfSelf() uintptr { return getcallerpc() }

// Stack formats a stack trace of the calling goroutine into buf and returns the number of bytes written.
func Stack(buf []byte, all bool) int {
	if len(buf) == 0 {
		return 0
	}
	return formatStack(getfp(), all, &buf[0], len(buf))
}

// fatalTrace writes the goroutine traces that end a fatal message, from its caller's frame on, and ends the program. isThrow: with all that
// there is to tell.
func fatalTrace(isThrow bool) {
	printflush()
	crash := dumpGoroutines(getfp(), isThrow, crashFD)
	if crash {
		const sigabrt = 6
		dieFromSignal(sigabrt)
	}
	exit(2)
}

// How much a fatal message tells: bits of GOTRACEBACK's value, to which debug.SetTraceback's are added.
const (
	tracebackCrash = 1 << iota
	tracebackAll
	tracebackShift = iota
)

var (
	tracebackEnv uint32
	// crashFD gets a copy of what a crash prints; -1 for none.
	crashFD = -1
)

func tracebackinit() {
	tracebackEnv = 0
	setTraceback(gogetenv("GOTRACEBACK"))
	tracebackEnv = tracebackOf(gogetenv("GOTRACEBACK"))
}

func tracebackOf(text string) uint32 {
	switch text {
	case "none":
		return 0
	case "", "single":
		return 1 << tracebackShift
	case "all":
		return 1<<tracebackShift | tracebackAll
	case "system":
		return 2<<tracebackShift | tracebackAll
	case "crash":
		return 2<<tracebackShift | tracebackAll | tracebackCrash
	}
	level := uint32(0)
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' || level > 1000 {
			return tracebackAll
		}
		level = level*10 + uint32(text[i]-'0')
	}
	return level<<tracebackShift | tracebackAll
}

func setTraceback(text string) {
	bits := tracebackOf(text) | tracebackEnv
	setTracebackNative(bits>>tracebackShift, bits&tracebackAll != 0, bits&tracebackCrash != 0)
}

//go:linkname debug_SetTraceback runtime/debug.SetTraceback
func debug_SetTraceback(level string) { setTraceback(level) }

//go:linkname setCrashFD
func setCrashFD(fd uintptr) uintptr {
	old := uintptr(crashFD)
	crashFD = int(fd)
	return old
}
