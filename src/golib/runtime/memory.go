package runtime

import (
	"internal/abi"
	"internal/runtime/atomic"
	"unsafe"
)

// GC runs a garbage collection, and lets others go on as Go's does while it waits: finalizers, say.
func GC() {
	gcNow()
	gosched()
}

// A MemStats records statistics about the memory allocator.
type MemStats struct {
	Alloc         uint64
	TotalAlloc    uint64
	Sys           uint64
	Lookups       uint64
	Mallocs       uint64
	Frees         uint64
	HeapAlloc     uint64
	HeapSys       uint64
	HeapIdle      uint64
	HeapInuse     uint64
	HeapReleased  uint64
	HeapObjects   uint64
	StackInuse    uint64
	StackSys      uint64
	MSpanInuse    uint64
	MSpanSys      uint64
	MCacheInuse   uint64
	MCacheSys     uint64
	BuckHashSys   uint64
	GCSys         uint64
	OtherSys      uint64
	NextGC        uint64
	LastGC        uint64
	PauseTotalNs  uint64
	PauseNs       [256]uint64
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool
	BySize        [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// ReadMemStats populates m with memory allocator statistics.
func ReadMemStats(m *MemStats) {
	// Shared with the native: alloc, total, sys, mallocs, frees, heapSys, heapIdle, heapInuse, released, stackInuse,
	// nextGC, lastGC, pauseTotal, numGC, numForced, the collector's share of processor time.
	var raw [16]uint64
	readRawMemStats(&raw[0])
	*m = MemStats{
		Alloc: raw[0], TotalAlloc: raw[1], Sys: raw[2], Mallocs: raw[3], Frees: raw[4],
		HeapAlloc: raw[0], HeapSys: raw[5], HeapIdle: raw[6], HeapInuse: raw[7], HeapReleased: raw[8],
		HeapObjects: raw[3] - raw[4], StackInuse: raw[9], StackSys: raw[9],
		NextGC: raw[10], LastGC: raw[11], PauseTotalNs: raw[12],
		NumGC: uint32(raw[13]), NumForcedGC: uint32(raw[14]), EnableGC: true,
		GCCPUFraction: *(*float64)(unsafe.Pointer(&raw[15])),
	}
	pauseLog(&m.PauseNs[0], &m.PauseEnd[0])
}

// MemProfileRate controls the fraction of memory allocations that are recorded in the memory profile.
var MemProfileRate int = 512 * 1024

// SetFinalizer sets the finalizer associated with obj to the provided finalizer function.
func SetFinalizer(obj any, finalizer any) {
	e := efaceOf(&obj)
	if e._type == nil {
		throw("runtime.SetFinalizer: first argument is nil")
	}
	if e._type.Kind() != abi.Pointer {
		throw("runtime.SetFinalizer: first argument is " + toRType(e._type).string() + ", not pointer")
	}
	elem := (*abi.PtrType)(unsafe.Pointer(e._type)).Elem
	switch setFinalizerNative(e.data, nil, false) {
	case finalizerNoObject:
		if e.data == nil {
			throw("runtime.SetFinalizer: pointer not in allocated block")
		}
	case finalizerInside:
		// A small object without pointers may share a block with others.
		if elem.Pointers() || elem.Size_ >= 16 {
			throw("runtime.SetFinalizer: pointer not at beginning of allocated block")
		}
	}
	f := efaceOf(&finalizer)
	if f._type == nil {
		setFinalizerNative(e.data, nil, true)
		return
	}
	if f._type.Kind() != abi.Func {
		throw("runtime.SetFinalizer: second argument is " + toRType(f._type).string() + ", not a function")
	}
	ft := (*abi.FuncType)(unsafe.Pointer(f._type))
	cannot := "runtime.SetFinalizer: cannot pass " + toRType(e._type).string() + " to finalizer " + toRType(f._type).string()
	if ft.IsVariadic() {
		throw(cannot + " because dotdotdot")
	}
	if ft.InCount != 1 {
		throw(cannot)
	}
	in := ft.InSlice()[0]
	takes := in == e._type
	switch in.Kind() {
	case abi.Pointer:
		unnamed := in.Uncommon() == nil || e._type.Uncommon() == nil
		takes = takes || unnamed && (*abi.PtrType)(unsafe.Pointer(in)).Elem == elem
	case abi.Interface:
		it := (*interfacetype)(unsafe.Pointer(in))
		takes = len(it.Methods) == 0 || assertE2I2(it, e._type) != nil
	}
	if !takes {
		throw(cannot)
	}
	if setFinalizerNative(e.data, &finalizerRecord{fn: f.data, typ: e._type, in: in, ft: ft}, true) == finalizerThere {
		throw("runtime.SetFinalizer: finalizer already set")
	}
	KeepAlive(obj)
}

// What setFinalizerNative answers.
const (
	finalizerDone = iota
	finalizerNoObject
	finalizerInside
	finalizerThere
)

// finalizerRecord is kept by the natives and handed back with the object.
type finalizerRecord struct {
	fn unsafe.Pointer
	typ *_type
	in  *_type
	ft  *abi.FuncType
	// cleanup is set instead for AddCleanup.
	cleanup func()
	id      uint64
}

// runFinalizers is the system goroutine that runs finalizers and starts cleanups.
func runFinalizers() {
	for {
		var obj unsafe.Pointer
		r := finalizerWait(&obj) // Everything before the collection happens before its return.
		if r.cleanup != nil {
			// Cleanups are not ordered among themselves.
			specialsRun.cleanups++
			go runCleanups(r)
			continue
		}
		specialsRun.finalizers++
		runFinalizer(r, obj)
	}
}

// runCleanups runs a cleanup, in a goroutine of its own.
func runCleanups(r *finalizerRecord) { r.cleanup() }

func runFinalizer(r *finalizerRecord, obj unsafe.Pointer) {
	frame := struct {
		arg [2]unsafe.Pointer
		ret [64]byte
	}{}
	size := uint32(8)
	switch {
	case r.in.Kind() == abi.Pointer:
		frame.arg[0] = obj
	default:
		it := (*interfacetype)(unsafe.Pointer(r.in))
		e := eface{r.typ, obj}
		size = 16
		if len(it.Methods) == 0 {
			*(*eface)(unsafe.Pointer(&frame.arg)) = e
		} else {
			ifaceE2I(it, e, (*iface)(unsafe.Pointer(&frame.arg)))
		}
	}
	var regs abi.RegArgs
	reflectcall((*_type)(unsafe.Pointer(r.ft)), r.fn, unsafe.Pointer(&frame), size, size, uint32(unsafe.Sizeof(frame)), &regs)
}

// Cleanup is a handle to a cleanup call for a specific object.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

var cleanupID uint64

// AddCleanup attaches a cleanup function to ptr.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	p := unsafe.Pointer(ptr)
	if p == nil {
		panic("runtime.AddCleanup: ptr is nil")
	}
	if kind := abi.TypeOf(arg).Kind(); kind == abi.Pointer || kind == abi.UnsafePointer {
		if p == *(*unsafe.Pointer)(unsafe.Pointer(&arg)) {
			panic("runtime.AddCleanup: ptr is equal to arg, cleanup will never run")
		}
	}
	id := atomic.Xadd64(&cleanupID, 1)
	r := &finalizerRecord{cleanup: func() { cleanup(arg) }, id: id}
	racereleasemerge(unsafe.Pointer(r))
	addCleanupNative(p, r)
	KeepAlive(ptr)
	return Cleanup{id, uintptr(p)}
}

// blockUntilEmptyFinalizerQueue waits until what was queued has run, at most timeout nanoseconds.
//
//go:linkname blockUntilEmptyFinalizerQueue
func blockUntilEmptyFinalizerQueue(timeout int64) bool {
	for start := nanotime(); nanotime()-start < timeout; gosched() {
		if finalizersIdle() {
			// Cleanups run in goroutines of their own, which come before this one.
			gosched()
			return true
		}
	}
	return false
}

//go:linkname unique_blockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func unique_blockUntilEmptyCleanupQueue(timeout int64) bool { return blockUntilEmptyFinalizerQueue(timeout) }

//go:linkname sync_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func sync_blockUntilEmptyCleanupQueue(timeout int64) bool { return blockUntilEmptyFinalizerQueue(timeout) }

// Stop cancels the cleanup call.
func (c Cleanup) Stop() {
	if c.id != 0 {
		stopCleanupNative(c.ptr, c.id)
	}
}

//go:linkname internal_weak_registerWeakPointer weak.runtime_registerWeakPointer
func internal_weak_registerWeakPointer(p unsafe.Pointer) unsafe.Pointer { return weakHandle(p) }

//go:linkname internal_weak_makeStrongFromWeak weak.runtime_makeStrongFromWeak
func internal_weak_makeStrongFromWeak(u unsafe.Pointer) unsafe.Pointer {
	if u == nil {
		return nil
	}
	return weakStrong(u)
}

//go:linkname setGCPercent runtime/debug.setGCPercent
func setGCPercent(in int32) int32 { return setGCPercentNative(in) }

//go:linkname freeOSMemory runtime/debug.freeOSMemory
func freeOSMemory() {
	gcNow()
	freeMemoryNative()
}

//go:linkname setMaxStack runtime/debug.setMaxStack
func setMaxStack(in int) int { return setMaxStackNative(in) }

//go:linkname setMaxThreads runtime/debug.setMaxThreads
func setMaxThreads(in int) int {
	old := maxThreads
	maxThreads = in
	return old
}

var maxThreads = 10000

//go:linkname setMemoryLimit runtime/debug.setMemoryLimit
func setMemoryLimit(in int64) int64 { return setMemoryLimitNative(in) }

//go:linkname setPanicOnFault runtime/debug.setPanicOnFault
func setPanicOnFault(new bool) bool {
	gp := getg()
	old := gp.words[wordPanicOnFault] != 0
	gp.words[wordPanicOnFault] = 0
	if new {
		gp.words[wordPanicOnFault] = 1
	}
	return old
}

//go:linkname readGCStats runtime/debug.readGCStats
func readGCStats(pauses *[]uint64) {
	var m MemStats
	ReadMemStats(&m)
	// The pauses, newest first, then their ends, then the sums.
	n := min(uint64(m.NumGC), uint64(len(m.PauseNs)))
	p := (*pauses)[:0]
	for i := range n {
		p = append(p, m.PauseNs[(uint64(m.NumGC)-1-i)%uint64(len(m.PauseNs))])
	}
	for i := range n {
		p = append(p, m.PauseEnd[(uint64(m.NumGC)-1-i)%uint64(len(m.PauseEnd))])
	}
	*pauses = append(p, m.LastGC, uint64(m.NumGC), m.PauseTotalNs)
}


// poisonframe writes over an object of a frame that ends: GORACE_FRAMES=poison puts a call of it in front of returns.
func poisonframe(p unsafe.Pointer, n uintptr) {
	for i := uintptr(0); i < n; i++ {
		*(*byte)(unsafe.Add(p, i)) = 0xdb
	}
}
