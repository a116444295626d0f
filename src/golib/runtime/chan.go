package runtime

import (
	"internal/abi"
	"internal/runtime/math"
	"unsafe"
)

// Channels live on the Rust side (natives chan*); here are the entry points of compiled code and of reflect, and the
// panics. Elements are copied by the natives from and to the addresses given.

// hchan is opaque here.
type hchan struct {
	_ [8]uintptr
}

func makechan64(t *chantype, size int64) *hchan { return makechan(t, int(size)) }

func makechan(t *chantype, size int) *hchan {
	elem := t.Elem
	if elem.Size_ >= 1<<16 {
		throw("makechan: invalid channel element type")
	}
	mem, overflow := math.MulUintptr(elem.Size_, uintptr(size))
	if overflow || mem > maxAlloc-1024 || size < 0 {
		panic(plainError("makechan: size out of range"))
	}
	return chanmake(elem, size)
}

// Results of chansendNative.
const (
	sendDone = iota
	sendWouldBlock
	sendClosed
)

func chansend1(c *hchan, elem unsafe.Pointer) {
	if chansendNative(c, elem, true, getcallerpc()) == sendClosed {
		panic(plainError("send on closed channel"))
	}
}

func chanrecv1(c *hchan, elem unsafe.Pointer) { chanrecvNative(c, elem, true, getcallerpc()) }

func chanrecv2(c *hchan, elem unsafe.Pointer) bool {
	return chanrecvNative(c, elem, true, getcallerpc())&2 != 0
}

func selectnbsend(c *hchan, elem unsafe.Pointer) bool {
	switch chansendNative(c, elem, false, getcallerpc()) {
	case sendDone:
		return true
	case sendClosed:
		panic(plainError("send on closed channel"))
	}
	return false
}

func selectnbrecv(elem unsafe.Pointer, c *hchan) (selected, received bool) {
	r := chanrecvNative(c, elem, false, getcallerpc())
	return r&1 != 0, r&2 != 0
}

func closechan(c *hchan) {
	switch chancloseNative(c, getcallerpc()) {
	case 1:
		panic(plainError("close of nil channel"))
	case 2:
		panic(plainError("close of closed channel"))
	}
}

func chanlen(c *hchan) int {
	if c == nil {
		return 0
	}
	return chanlenNative(c)
}

func chancap(c *hchan) int {
	if c == nil {
		return 0
	}
	return chancapNative(c)
}

// scase is a case of a select (shared with the natives).
type scase struct {
	c    *hchan
	elem unsafe.Pointer
}

// selectgo chooses among nsends sends and, behind them, nrecvs receives; it gives the case's index (-1 for default)
// and whether a value was received.
func selectgo(cas0 *scase, order0 *uint16, pc0 *uintptr, nsends, nrecvs int, block bool) (int, bool) {
	index, flags := selectNative(cas0, nsends, nrecvs, block, getcallerpc())
	if flags&4 != 0 {
		panic(plainError("send on closed channel"))
	}
	return index, flags&2 != 0
}

func block() { goparkForever(waitSelectNoCases) }

const (
	waitSelectNoCases = 1
	waitForever       = 2
)

//go:linkname reflect_makechan reflect.makechan
func reflect_makechan(t *chantype, size int) *hchan { return makechan(t, size) }

//go:linkname reflect_chansend reflect.chansend0
func reflect_chansend(c *hchan, elem unsafe.Pointer, nb bool) bool {
	switch chansendNative(c, elem, !nb, getcallerpc()) {
	case sendDone:
		return true
	case sendClosed:
		panic(plainError("send on closed channel"))
	}
	return false
}

//go:linkname reflect_chanrecv reflect.chanrecv
func reflect_chanrecv(c *hchan, nb bool, elem unsafe.Pointer) (selected bool, received bool) {
	r := chanrecvNative(c, elem, !nb, getcallerpc())
	return r&1 != 0, r&2 != 0
}

//go:linkname reflect_chanlen reflect.chanlen
func reflect_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflectlite_chanlen internal/reflectlite.chanlen
func reflectlite_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflect_chancap reflect.chancap
func reflect_chancap(c *hchan) int { return chancap(c) }

//go:linkname reflect_chanclose reflect.chanclose
func reflect_chanclose(c *hchan) { closechan(c) }

type runtimeSelect struct {
	dir int
	typ unsafe.Pointer
	ch  *hchan
	val unsafe.Pointer
}

//go:linkname reflect_rselect reflect.rselect
func reflect_rselect(cases []runtimeSelect) (int, bool) {
	const (
		selectSend    = 1
		selectRecv    = 2
		selectDefault = 3
	)
	if len(cases) == 0 {
		block()
	}
	sel := make([]scase, len(cases))
	orig := make([]int, len(cases))
	nsends, nrecvs := 0, 0
	dflt := -1
	for i, rc := range cases {
		var j int
		switch rc.dir {
		case selectDefault:
			dflt = i
			continue
		case selectSend:
			j = nsends
			nsends++
		case selectRecv:
			nrecvs++
			j = len(cases) - nrecvs
		}
		sel[j] = scase{c: rc.ch, elem: rc.val}
		orig[j] = i
	}
	if nsends+nrecvs == 0 {
		return dflt, false
	}
	if nsends+nrecvs < len(cases) {
		copy(sel[nsends:], sel[len(cases)-nrecvs:])
		copy(orig[nsends:], orig[len(cases)-nrecvs:])
	}
	chosen, recvOK := selectgo(&sel[0], nil, nil, nsends, nrecvs, dflt == -1)
	if chosen < 0 {
		return dflt, recvOK
	}
	return orig[chosen], recvOK
}

var _ = abi.ZeroValSize
