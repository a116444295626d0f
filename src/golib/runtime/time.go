package runtime

import "unsafe"

// Timers. The natives keep the heap of deadlines and the clock (virtual when exploring); the timer goroutine waits for
// the next one due and calls its function.

// timeTimer is what newTimer allocates; its head is time.Timer and time.Ticker (shared: {C; initTimer}).
type timeTimer struct {
	c      unsafe.Pointer
	init   bool
	when   int64
	period int64
	f      func(arg any, seq uintptr, delta int64)
	arg    any
	seq    uintptr
	ch     *hchan
	// index is the natives' handle while the timer runs.
	index uintptr
	// bubbled says that it belongs to a bubble's clock.
	bubbled bool
}

//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timeTimer {
	t := new(timeTimer)
	t.f = f
	t.arg = arg
	t.ch = c
	t.when = when
	t.period = period
	t.init = true
	t.bubbled = currentBubble() != 0
	racereleasemerge(unsafe.Pointer(t))
	startTimer(t, when, period)
	return t
}

func startTimer(t *timeTimer, when, period int64) {
	if !t.bubbled || when > bubbleNow() {
		timerStart(t, when, period, t.ch)
		return
	}
	// A bubble's timer that is due at once does not wait until all of the bubble is blocked.
	if period > 0 {
		timerStart(t, when+period*(1+(bubbleNow()-when)/period), period, t.ch)
	}
	runBubbleTimer(t)
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timeTimer) bool {
	if t.bubbled && currentBubble() == 0 {
		fatal("stop of synctest timer from outside bubble")
	}
	pending := timerStop(t)
	if t.ch != nil && chandrain(t.ch) != 0 {
		pending = true
	}
	return pending
}

//go:linkname resetTimer time.resetTimer
func resetTimer(t *timeTimer, when, period int64) bool {
	racereleasemerge(unsafe.Pointer(t))
	if t.bubbled && currentBubble() == 0 {
		fatal("reset of synctest timer from outside bubble")
	}
	pending := timerStop(t)
	if t.ch != nil && chandrain(t.ch) != 0 {
		pending = true
	}
	t.when = when
	t.period = period
	startTimer(t, when, period)
	return pending
}

// timerproc is the system goroutine that runs timers' functions.
func timerproc() {
	for {
		t := timerWait()
		raceacquire(unsafe.Pointer(t))
		delta := nanotime() - t.when
		if t.period > 0 {
			t.when += t.period
		}
		t.f(t.arg, t.seq, delta)
	}
}

//go:linkname timeSleep time.Sleep
func timeSleep(ns int64) {
	if ns > 0 {
		sleep(ns, getcallerpc())
	}
}

//go:linkname time_now time.now
func time_now() (sec int64, nsec int32, mono int64) {
	var t [2]int64
	walltime(&t[0])
	return t[0], int32(t[1]), nanotime()
}

//go:linkname time_runtimeNow time.runtimeNow
func time_runtimeNow() (sec int64, nsec int32, mono int64) {
	if currentBubble() != 0 {
		// As in Go, no monotonic time in a bubble: differences to times from outside would mean nothing.
		now := bubbleNow()
		return now / 1000000000, int32(now % 1000000000), 0
	}
	return time_now()
}

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 {
	if currentBubble() != 0 {
		return bubbleNow()
	}
	return nanotime()
}

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return currentBubble() != 0 }
