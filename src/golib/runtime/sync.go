package runtime

import (
	"internal/runtime/atomic"
	"unsafe"
)

// What sync, internal/sync and internal/poll need. Semaphores are addressed by their word; the natives know who waits
// for which. Kinds tell reports what a waiter waits for (shared with the natives).
const (
	semaOther = iota
	semaMutex
	semaRWMutexR
	semaRWMutex
	semaWaitGroup
	semaPoll
	semaCoroutine
	semaBubbledWaitGroup
)

// A runtimeLock guards state of this package that is kept in maps: they are instrumented, and what happens to them here is
// none of the program's accesses. Ready when zero.
type runtimeLock struct {
	taken uint32
	sema  uint32
}

// threaded says whether several threads run Go code. One thread switches goroutines only in loops and natives.
var threaded bool

//go:norace
func (l *runtimeLock) take() {
	if threaded {
		for !atomic.Cas(&l.taken, 0, 1) {
			gosched()
		}
		raceignore(true)
		return
	}
	for l.taken != 0 {
		l.taken++
		semacquire(&l.sema, semaOther, getcallerpc())
	}
	l.taken = 1
	raceignore(true)
}

//go:norace
func (l *runtimeLock) give() {
	raceignore(false)
	if threaded {
		atomic.Store(&l.taken, 0)
		return
	}
	waiting := l.taken - 1
	l.taken = 0
	for ; waiting > 0; waiting-- {
		semrelease(&l.sema, false)
	}
}

//go:linkname sync_runtime_Semacquire sync.runtime_Semacquire
func sync_runtime_Semacquire(addr *uint32) { semacquire(addr, semaOther, getcallerpc()) }

//go:linkname sync_runtime_SemacquireWaitGroup sync.runtime_SemacquireWaitGroup
func sync_runtime_SemacquireWaitGroup(addr *uint32, synctestDurable bool) {
	kind := semaWaitGroup
	if synctestDurable {
		kind = semaBubbledWaitGroup
	}
	semacquire(addr, kind, getcallerpc())
}

//go:linkname sync_runtime_SemacquireRWMutexR sync.runtime_SemacquireRWMutexR
func sync_runtime_SemacquireRWMutexR(addr *uint32, lifo bool, skipframes int) {
	semacquire(addr, semaRWMutexR, getcallerpc())
}

//go:linkname sync_runtime_SemacquireRWMutex sync.runtime_SemacquireRWMutex
func sync_runtime_SemacquireRWMutex(addr *uint32, lifo bool, skipframes int) {
	semacquire(addr, semaRWMutex, getcallerpc())
}

//go:linkname sync_runtime_Semrelease sync.runtime_Semrelease
func sync_runtime_Semrelease(addr *uint32, handoff bool, skipframes int) { semrelease(addr, handoff) }

//go:linkname internal_sync_runtime_SemacquireMutex internal/sync.runtime_SemacquireMutex
func internal_sync_runtime_SemacquireMutex(addr *uint32, lifo bool, skipframes int) {
	semacquire(addr, semaMutex, getcallerpc())
}

//go:linkname internal_sync_runtime_Semrelease internal/sync.runtime_Semrelease
func internal_sync_runtime_Semrelease(addr *uint32, handoff bool, skipframes int) {
	semrelease(addr, handoff)
}

//go:linkname poll_runtime_Semacquire internal/poll.runtime_Semacquire
func poll_runtime_Semacquire(addr *uint32) { semacquire(addr, semaPoll, getcallerpc()) }

//go:linkname poll_runtime_Semrelease internal/poll.runtime_Semrelease
func poll_runtime_Semrelease(addr *uint32) { semrelease(addr, false) }

//go:linkname internal_sync_runtime_canSpin internal/sync.runtime_canSpin
func internal_sync_runtime_canSpin(i int) bool { return false }

//go:linkname internal_sync_runtime_doSpin internal/sync.runtime_doSpin
func internal_sync_runtime_doSpin() {}

//go:linkname internal_sync_nanotime internal/sync.runtime_nanotime
func internal_sync_nanotime() int64 { return nanotime() }

// notifyList is a condition variable's list of waiters (shared: sync.notifyList).
type notifyList struct {
	wait   uint32
	notify uint32
	lock   uintptr
	head   unsafe.Pointer
	tail   unsafe.Pointer
}

//go:linkname notifyListAdd sync.runtime_notifyListAdd
func notifyListAdd(l *notifyList) uint32 { return notifyAdd(l) }

//go:linkname notifyListWait sync.runtime_notifyListWait
func notifyListWait(l *notifyList, t uint32) { notifyWait(l, t, getcallerpc()) }

//go:linkname notifyListNotifyAll sync.runtime_notifyListNotifyAll
func notifyListNotifyAll(l *notifyList) { notifyAll(l) }

//go:linkname notifyListNotifyOne sync.runtime_notifyListNotifyOne
func notifyListNotifyOne(l *notifyList) { notifyOne(l) }

//go:linkname notifyListCheck sync.runtime_notifyListCheck
func notifyListCheck(sz uintptr) {
	if sz != unsafe.Sizeof(notifyList{}) {
		throw("bad notifyList size")
	}
}

const hookPoolCleanup = 3

// What is registered empties all pools; the collector calls it when a cycle begins and nobody is pinned.
//
//go:linkname sync_runtime_registerPoolCleanup sync.runtime_registerPoolCleanup
func sync_runtime_registerPoolCleanup(f func()) { setHook(hookPoolCleanup, f) }

//go:linkname sync_runtime_procPin sync.runtime_procPin
func sync_runtime_procPin() int { return pin() }

//go:linkname sync_runtime_procUnpin sync.runtime_procUnpin
func sync_runtime_procUnpin() { unpin() }

//go:linkname sync_atomic_runtime_procPin sync/atomic.runtime_procPin
func sync_atomic_runtime_procPin() int { return pin() }

//go:linkname sync_atomic_runtime_procUnpin sync/atomic.runtime_procUnpin
func sync_atomic_runtime_procUnpin() { unpin() }

//go:linkname procPin
func procPin() int { return pin() }

//go:linkname procUnpin
func procUnpin() { unpin() }

// pin keeps the goroutine from being switched out until unpin, and gives its processor's number.
func pin() int {
	if pinsAreTold {
		return pinNative()
	}
	getg().words[wordPinned]++
	return 0
}

// pinsAreTold says whether pinNative counts.
var pinsAreTold bool

func unpin() { getg().words[wordPinned]-- }
