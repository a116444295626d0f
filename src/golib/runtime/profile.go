package runtime

import (
	"internal/profilerecord"
	"unsafe"
)

// Profiles. gorace keeps none of memory, blocking and mutexes: they read as empty.

// A StackRecord describes a single execution stack.
type StackRecord struct {
	Stack0 [32]uintptr
}

// Stack returns the stack trace associated with the record.
func (r *StackRecord) Stack() []uintptr {
	for i, v := range r.Stack0 {
		if v == 0 {
			return r.Stack0[0:i]
		}
	}
	return r.Stack0[0:]
}

// A MemProfileRecord describes the live objects allocated by a particular call sequence.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

// InUseBytes returns the number of bytes in use.
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects returns the number of objects in use.
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack returns the stack trace associated with the record.
func (r *MemProfileRecord) Stack() []uintptr {
	for i, v := range r.Stack0 {
		if v == 0 {
			return r.Stack0[0:i]
		}
	}
	return r.Stack0[0:]
}

// BlockProfileRecord describes blocking events originated at a particular call sequence.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// MemProfile returns a profile of memory allocated and freed per allocation site.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) { return 0, true }

// BlockProfile returns the number of records in the current blocking profile.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile returns the number of records in the current mutex profile.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile returns the number of records in the thread creation profile.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// GoroutineProfile returns the number of records in the active goroutine stack profile.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = NumGoroutine()
	if n > len(p) {
		return n, false
	}
	for i := range n {
		k := goroutineStack(i, false, getfp(), &p[i].Stack0[0], len(p[i].Stack0))
		if k < 0 {
			return i, true
		}
		clear(p[i].Stack0[k:])
	}
	return n, true
}

func goroutineRecords(p []profilerecord.StackRecord, leaked bool, n int, fp uintptr) (int, bool) {
	if n > len(p) {
		return n, false
	}
	var pcs [128]uintptr
	for i := range n {
		k := goroutineStack(i, leaked, fp, &pcs[0], len(pcs))
		if k < 0 {
			return i, true
		}
		p[i].Stack = append([]uintptr(nil), pcs[:k]...)
	}
	return n, true
}

func pprof_goroutineProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return goroutineRecords(p, false, NumGoroutine(), getfp())
}

func pprof_goroutineLeakProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return goroutineRecords(p, true, leakCount(), getfp())
}

//go:linkname runtime_goroutineleakcount runtime/pprof.runtime_goroutineleakcount
func runtime_goroutineleakcount() int { return leakCount() }

//go:linkname runtime_goroutineLeakGC runtime/pprof.runtime_goroutineLeakGC
func runtime_goroutineLeakGC() { leakGC() }

func pprof_memProfileInternal(p []profilerecord.MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return 0, true
}

func pprof_blockProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) { return 0, true }

func pprof_mutexProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) { return 0, true }

func pprof_threadCreateInternal(p []profilerecord.StackRecord) (n int, ok bool) { return 0, true }

func pprof_fpunwindExpand(dst, src []uintptr) int { return copy(dst, src) }

func pprof_makeProfStack() []uintptr { return make([]uintptr, 128) }

//go:linkname pprof_cyclesPerSecond runtime/pprof.pprof_cyclesPerSecond
func pprof_cyclesPerSecond() int64 { return 1000000000 }

// SetBlockProfileRate controls the fraction of goroutine blocking events that are reported.
func SetBlockProfileRate(rate int) {}

// SetMutexProfileFraction controls the fraction of mutex contention events that are reported.
func SetMutexProfileFraction(rate int) int { return 0 }

// SetCPUProfileRate sets the CPU profiling rate.
func SetCPUProfileRate(hz int) {}

// CPUProfile is deprecated and always panics.
func CPUProfile() []byte { panic("CPUProfile no longer available") }

// SetCgoTraceback records functions that help with stack traces of C code, of which there is none.
func SetCgoTraceback(version int, traceback, context, symbolizer func()) {}

// A Pinner is a set of objects each pinned to a fixed location in memory; nothing ever moves here.
type Pinner struct {
	refs []any
}

// Pin pins a Go object.
func (p *Pinner) Pin(pointer any) { p.refs = append(p.refs, pointer) }

// Unpin unpins all pinned objects of the Pinner.
func (p *Pinner) Unpin() { p.refs = nil }
