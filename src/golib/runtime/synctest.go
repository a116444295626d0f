package runtime

import "unsafe"

// Bubbles of testing/synctest. The natives count who is blocked and keep a bubble's clock and timers; here are Run, which
// calls the timers' functions, and what belongs to which bubble. A goroutine's word holds its bubble's number.

func currentBubble() uintptr { return getg().words[wordBubble] }

//go:linkname synctestRun internal/synctest.Run
func synctestRun(f func()) {
	if currentBubble() != 0 {
		panic("synctest.Run called from within a synctest bubble")
	}
	dropStaleMembers()
	bubbleStart(f, getcallerpc())
	for {
		runBubbleTimers()
		bubbleIdle()
		if !bubbleAdvance() {
			break
		}
	}
	switch bubbleEnd() {
	case 1:
		panic(synctestDeadlockError("deadlock: main bubble goroutine has exited but blocked goroutines remain"))
	case 2:
		panic(synctestDeadlockError("deadlock: all goroutines in bubble are blocked"))
	}
}

type synctestDeadlockError string

func (e synctestDeadlockError) Error() string { return string(e) }

// runBubbleTimers calls the functions of the bubble's timers that are due.
func runBubbleTimers() {
	for {
		t := bubbleDue()
		if t == nil {
			return
		}
		runBubbleTimer(t)
	}
}

func runBubbleTimer(t *timeTimer) {
	raceacquire(unsafe.Pointer(t))
	delta := bubbleNow() - t.when
	if t.period > 0 {
		t.when += t.period * (1 + delta/t.period)
	}
	t.f(t.arg, t.seq, delta)
}

//go:linkname synctestWait internal/synctest.Wait
func synctestWait() {
	switch bubbleWait() {
	case 1:
		panic("goroutine is not in a bubble")
	case 2:
		panic("wait already in progress")
	}
}

//go:linkname synctest_isInBubble internal/synctest.IsInBubble
func synctest_isInBubble() bool { return currentBubble() != 0 }

// A heldBubble is what Acquire gives.
type heldBubble struct{ number uintptr }

//go:linkname synctest_acquire internal/synctest.acquire
func synctest_acquire() any {
	number := currentBubble()
	if number == 0 {
		return nil
	}
	bubbleHold(number, true)
	return &heldBubble{number}
}

//go:linkname synctest_release internal/synctest.release
func synctest_release(bubble any) { bubbleHold(bubble.(*heldBubble).number, false) }

//go:linkname synctest_inBubble internal/synctest.inBubble
func synctest_inBubble(bubble any, f func()) {
	gp := getg()
	if gp.words[wordBubble] != 0 {
		panic("goroutine is already bubbled")
	}
	gp.words[wordBubble] = bubble.(*heldBubble).number
	defer func() { gp.words[wordBubble] = 0 }()
	f()
}

// bubbleMembers says which objects belong to bubbles. The weak handle tells an object from a later one at its address.
var (
	bubbleMembers map[uintptr]bubbleMember
	membersLock   runtimeLock
)

type bubbleMember struct {
	handle unsafe.Pointer
	bubble uintptr
}

// Shared: internal/synctest's Association.
const (
	memberOfNone = iota
	memberOfCurrent
	memberOfOther
)

// membership is called with the lock taken.
func membership(p unsafe.Pointer) int {
	m, ok := bubbleMembers[uintptr(p)]
	switch {
	case !ok || weakStrong(m.handle) == nil:
		return memberOfNone
	case m.bubble == currentBubble():
		return memberOfCurrent
	}
	return memberOfOther
}

// dropStaleMembers forgets objects that are gone.
func dropStaleMembers() {
	membersLock.take()
	for p, m := range bubbleMembers {
		if weakStrong(m.handle) == nil {
			delete(bubbleMembers, p)
		}
	}
	membersLock.give()
}

//go:linkname synctest_associate internal/synctest.associate
func synctest_associate(p unsafe.Pointer) int {
	if !isHeapObject(p) {
		// A package variable belongs to nobody.
		return memberOfNone
	}
	membersLock.take()
	is := membership(p)
	if is == memberOfNone {
		if bubbleMembers == nil {
			bubbleMembers = make(map[uintptr]bubbleMember)
		}
		bubbleMembers[uintptr(p)] = bubbleMember{weakHandle(p), currentBubble()}
		is = memberOfCurrent
	}
	membersLock.give()
	return is
}

//go:linkname synctest_disassociate internal/synctest.disassociate
func synctest_disassociate(p unsafe.Pointer) {
	membersLock.take()
	delete(bubbleMembers, uintptr(p))
	membersLock.give()
}

//go:linkname synctest_isAssociated internal/synctest.isAssociated
func synctest_isAssociated(p unsafe.Pointer) bool {
	membersLock.take()
	is := membership(p)
	membersLock.give()
	return is == memberOfCurrent
}
