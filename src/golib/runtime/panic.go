package runtime

import (
	"internal/abi"
	"internal/runtime/exithook"
	"unsafe"
)

// Deferred calls, panics and recovery.
//
// A function with defer keeps a frame record (shared: abi::deferframe) and pushes each deferred call with it. Leaving
// normally it calls deferreturn(record). A panic pops and runs the deferred calls of the whole goroutine; when one
// recovers, longjump(record) makes the function that deferred it return to its caller. recover is valid only in the function that
// the panic called directly: between the frames of gorecover and callDeferred stands that of one function, and wrappers' only (gc's rule).

type _defer struct {
	link  *_defer
	frame unsafe.Pointer
	fn    func()
	// What bodies of a loop over a function deferred (deferrangefunc), newest first: it runs before fn.
	inner *_defer
}

type _panic struct {
	link      *_panic
	arg       any
	recovered bool
	goexit    bool
	// The next panic of the chain has the same value: it is printed once.
	repanicked bool
	// Frame pointer of the function that runs the deferred call, 0 while none runs.
	callerFP uintptr
}

func deferproc(frame unsafe.Pointer, fn func()) {
	gp := getg()
	gp.defers = &_defer{link: gp.defers, frame: frame, fn: fn}
}

// deferprocstack is deferproc with the record in the frame, which escape analysis gives to defer statements that no loop repeats.
// A frame's records are taken off the list before it is left.
func deferprocstack(d *_defer, frame unsafe.Pointer, fn func()) {
	gp := getg()
	d.link = gp.defers
	d.frame = frame
	d.fn = fn
	d.inner = nil
	gp.defers = d
}

// deferrangefunc is called by a function with a loop over a function whose body defers: what the body defers belongs to the frame of
// the function with the loop, while functions between the two have records of their own, and may run on another goroutine. The
// bodies put it into a list of this record's (deferprocat).
func deferrangefunc(frame unsafe.Pointer) *_defer {
	gp := getg()
	gp.defers = &_defer{link: gp.defers, frame: frame, fn: func() {}}
	return gp.defers
}

func deferprocat(loop *_defer, fn func()) {
	loop.inner = &_defer{link: loop.inner, frame: loop.frame, fn: fn}
}

// takeDefer takes d, the newest record, or the newest of those in it, off the list.
func takeDefer(gp *g, d *_defer) *_defer {
	if inner := d.inner; inner != nil {
		d.inner = inner.link
		return inner
	}
	gp.defers = d.link
	return d
}

func deferreturn(frame unsafe.Pointer) {
	gp := getg()
	for {
		d := gp.defers
		if d == nil || d.frame != frame {
			return
		}
		takeDefer(gp, d).fn()
	}
}

// panicDefers counts panics whose deferred calls run, panicking says that one of them ends the program: main waits for both.
var (
	panicDefers int
	panicking   bool
)

// awaitPanics is called when main has returned: a panic that has begun ends the program, not main.
func awaitPanics() {
	for i := 0; i < 1000 && panicDefers > 0; i++ {
		Gosched()
	}
	if panicking {
		goparkForever(waitForever)
	}
}

// gopanic implements panic(e).
func gopanic(e any) {
	gp := getg()
	if e == nil && godebugSetting("panicnil") != "1" {
		e = new(PanicNilError)
	}
	p := &_panic{link: gp.panics, arg: e}
	gp.panics = p
	panicDefers++
	runDeferred(gp, p)
	fatalpanic(p)
}

// runDeferred runs the goroutine's deferred calls, newest first; it does not come back from a recovery.
func runDeferred(gp *g, p *_panic) {
	for {
		d := gp.defers
		if d == nil {
			return
		}
		d = takeDefer(gp, d)
		callDeferred(p, d.fn)
		if !p.recovered {
			continue
		}
		if !p.goexit {
			panicDefers--
		}
		faultForgotten()
		// Panics that this one interrupted, in frames that are given up now, are over too; a Goexit goes on.
		q := p.link
		for q != nil && !q.goexit && q.insideOf(d.frame) {
			q = q.link
		}
		gp.panics = q
		if q != nil && q.goexit && q.insideOf(d.frame) {
			q.recovered = false
			runDeferred(gp, q)
			finishGoexit(gp)
		}
		longjump(d.frame)
	}
}

// callDeferred is the direct caller of a deferred function.
//
//go:noinline
func callDeferred(p *_panic, fn func()) {
	p.callerFP = getfp()
	fn()
	p.callerFP = 0
}

// insideOf says whether the deferred call that the panic runs was made from within a frame.
func (p *_panic) insideOf(frame unsafe.Pointer) bool {
	return stackDepth(p.callerFP) > stackDepth(uintptr(frame))
}

// gorecover implements recover().
func gorecover() any {
	gp := getg()
	p := gp.panics
	if p != nil && !p.goexit && !p.recovered && calledOnce(getfp(), p.callerFP) {
		p.recovered = true
		return p.arg
	}
	return nil
}

// Goexit runs all deferred calls of the goroutine, then ends it.
func Goexit() {
	gp := getg()
	p := &_panic{link: gp.panics, goexit: true}
	gp.panics = p
	runDeferred(gp, p)
	finishGoexit(gp)
}

func finishGoexit(gp *g) {
	gp.panics = nil
	goexit1()
}

// fatalpanic prints the chain of panics and ends the program with status 2.
func fatalpanic(p *_panic) {
	gp := getg()
	gp.panics = nil
	preprintpanics(p)
	panicking = true
	panicDefers--
	gp.panics = p
	beforeEnd()
	runExitHooks(2)
	printpanics(p)
	fatalTrace(false)
}

// preprintpanics calls Error and String methods before anything is printed.
func preprintpanics(p *_panic) {
	defer func() {
		text := "panic while printing panic value"
		switch r := recover().(type) {
		case nil:
		case string:
			throw(text + ": " + r)
		default:
			throw(text + ": type " + toRType(efaceOf(&r)._type).string())
		}
	}()
	for ; p != nil; p = p.link {
		if p.link != nil && *efaceOf(&p.link.arg) == *efaceOf(&p.arg) {
			p.link.repanicked = true
			continue
		}
		switch v := p.arg.(type) {
		case error:
			p.arg = v.Error()
		case stringer:
			p.arg = v.String()
		}
	}
}

type stringer interface {
	String() string
}

func printpanics(p *_panic) {
	if p.link != nil {
		printpanics(p.link)
		if p.link.repanicked {
			return
		}
		if !p.link.goexit {
			print("\t")
		}
	}
	if p.goexit {
		return
	}
	print("panic: ")
	printpanicval(p.arg)
	if p.recovered && p.repanicked {
		print(" [recovered, repanicked]")
	} else if p.recovered {
		print(" [recovered]")
	}
	print("\n")
}

type hex uint64

func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		print("nil")
	case bool:
		print(v)
	case int:
		print(v)
	case int8:
		print(v)
	case int16:
		print(v)
	case int32:
		print(v)
	case int64:
		print(v)
	case uint:
		print(v)
	case uint8:
		print(v)
	case uint16:
		print(v)
	case uint32:
		print(v)
	case uint64:
		print(v)
	case uintptr:
		print(v)
	case float32:
		print(v)
	case float64:
		print(v)
	case complex64:
		print(v)
	case complex128:
		print(v)
	case string:
		printindented(v)
	default:
		printanycustomtype(v)
	}
}

// printindented keeps the lines of a multi-line message apart from the report's own.
func printindented(s string) {
	start := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			print(s[start : i+1])
			print("\t")
			start = i + 1
		}
	}
	print(s[start:])
}

// printanycustomtype prints values of named basic types as type(value), others by type and address.
func printanycustomtype(v any) {
	e := efaceOf(&v)
	name := toRType(e._type).string()
	switch e._type.Kind() {
	case abi.Bool:
		print(name, "(", *(*bool)(e.data), ")")
	case abi.Int:
		print(name, "(", *(*int)(e.data), ")")
	case abi.Int8:
		print(name, "(", *(*int8)(e.data), ")")
	case abi.Int16:
		print(name, "(", *(*int16)(e.data), ")")
	case abi.Int32:
		print(name, "(", *(*int32)(e.data), ")")
	case abi.Int64:
		print(name, "(", *(*int64)(e.data), ")")
	case abi.Uint:
		print(name, "(", *(*uint)(e.data), ")")
	case abi.Uint8:
		print(name, "(", *(*uint8)(e.data), ")")
	case abi.Uint16:
		print(name, "(", *(*uint16)(e.data), ")")
	case abi.Uint32:
		print(name, "(", *(*uint32)(e.data), ")")
	case abi.Uint64:
		print(name, "(", *(*uint64)(e.data), ")")
	case abi.Uintptr:
		print(name, "(", *(*uintptr)(e.data), ")")
	case abi.Float32:
		print(name, "(", *(*float32)(e.data), ")")
	case abi.Float64:
		print(name, "(", *(*float64)(e.data), ")")
	case abi.Complex64:
		print(name, *(*complex64)(e.data))
	case abi.Complex128:
		print(name, *(*complex128)(e.data))
	case abi.String:
		print(name, `("`)
		printindented(*(*string)(e.data))
		print(`")`)
	default:
		print("(", name, ") ", e.data)
	}
}

// throw ends the program because of a fault of the runtime, or one after which nothing can be relied on.
func throw(s string) {
	panicking = true
	print("fatal error: ")
	printindented(s)
	print("\n")
	fatalTrace(true)
}

// fatal ends the program because of a fault of the program that it cannot recover from. What it was panicking with is told first.
func fatal(s string) {
	panicking = true
	beforeEnd()
	p := getg().panics
	for x := p; x != nil && x.link != nil; x = x.link {
		x.link.repanicked = *efaceOf(&x.link.arg) == *efaceOf(&x.arg)
	}
	if p != nil {
		printpanics(p)
		print("\t")
	}
	print("fatal error: ")
	printindented(s)
	print("\n")
	fatalTrace(false)
}

// nativeFatal is entered in the place of the caller of a native that was misused.
func nativeFatal() {
	var text string
	lastWords(&text)
	fatal(text)
}

//go:linkname sync_throw sync.throw
func sync_throw(s string) { throw(s) }

//go:linkname sync_fatal sync.fatal
func sync_fatal(s string) { fatal(s) }

//go:linkname internal_sync_throw internal/sync.throw
func internal_sync_throw(s string) { throw(s) }

//go:linkname internal_sync_fatal internal/sync.fatal
func internal_sync_fatal(s string) { fatal(s) }

//go:linkname maps_fatal internal/runtime/maps.fatal
func maps_fatal(s string) { fatal(s) }

//go:linkname rand_fatal crypto/rand.fatal
func rand_fatal(s string) { fatal(s) }

//go:linkname sysrand_fatal crypto/internal/sysrand.fatal
func sysrand_fatal(s string) { fatal(s) }

//go:linkname fips_fatal crypto/internal/fips140.fatal
func fips_fatal(s string) { fatal(s) }

// sigpanic runs on the goroutine as if called from the faulting instruction.
func sigpanic() {
	const (
		sigBUS      = 7
		sigFPE      = 8
		sigSEGV     = 11
		busAddress  = 2
		segvMapping = 1
		segvAccess  = 2
		// What lies below is a field or an element of what a nil pointer points to: compiled code checks no pointer.
		nilEnd = 1 << 28
	)
	var info [4]uintptr
	signalInfo(&info[0])
	signal, code, address := info[0], info[1], info[2]
	switch signal {
	case sigFPE:
		// A division's own check.
		faultForgotten()
		panicdivide()
	case sigBUS:
		if code == busAddress && address < nilEnd {
			panicmem()
		}
	case sigSEGV:
		if (code == 0 || code == segvMapping || code == segvAccess) && address < nilEnd {
			panicmem()
		}
	}
	if getg().words[wordPanicOnFault] != 0 {
		panic(errorAddressString{"invalid memory address or nil pointer dereference", address})
	}
	print("unexpected fault address ", hex(address), "\n")
	throw("fault")
}

func runExitHooks(code int) { exithook.Run(code) }
