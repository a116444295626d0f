package runtime

import "unsafe"

// Small pieces of state that packages keep in the runtime: profiler labels, cryptographic indicators, execution traces,
// coroutines.

//go:linkname runtime_setProfLabel runtime/pprof.runtime_setProfLabel
func runtime_setProfLabel(labels unsafe.Pointer) { getg().words[wordLabels] = uintptr(labels) }

//go:linkname runtime_getProfLabel runtime/pprof.runtime_getProfLabel
func runtime_getProfLabel() unsafe.Pointer { return unsafe.Pointer(getg().words[wordLabels]) }

//go:linkname fips_getIndicator crypto/internal/fips140.getIndicator
func fips_getIndicator() uint8 { return uint8(getg().words[wordFips]) }

//go:linkname fips_setIndicator crypto/internal/fips140.setIndicator
func fips_setIndicator(indicator uint8) { getg().words[wordFips] = uintptr(indicator) }

//go:linkname trace_userTaskCreate runtime/trace.userTaskCreate
func trace_userTaskCreate(id, parentID uint64, taskType string) {}

//go:linkname trace_userTaskEnd runtime/trace.userTaskEnd
func trace_userTaskEnd(id uint64) {}

//go:linkname trace_userRegion runtime/trace.userRegion
func trace_userRegion(id, mode uint64, name string) {}

//go:linkname trace_userLog runtime/trace.userLog
func trace_userLog(id uint64, category, message string) {}

//go:linkname trace_clockUnits runtime/trace.runtime_traceClockUnitsPerSecond
func trace_clockUnits() uint64 { return 1000000000 }

func traceAdvance(stopTrace bool) {}

func traceClockNow() uint64 { return uint64(nanotime()) }

// StartTrace enables tracing for the current process.
func StartTrace() error { return errorString("execution traces are not recorded by gorace") }

// StopTrace stops tracing.
func StopTrace() {}

// ReadTrace returns the next chunk of binary tracing data.
func ReadTrace() []byte { return nil }

// A coro is a goroutine that runs only while its creator waits for it (iter.Pull).
type coro struct {
	// own and caller: semaphores by which control is passed.
	own    uint32
	caller uint32
	inside bool
	f      func(*coro)
}

//go:linkname newcoro
func newcoro(f func(*coro)) *coro {
	c := &coro{f: f}
	go func() {
		semacquire(&c.own, semaCoroutine, getcallerpc())
		c.inside = true
		defer func() {
			c.inside = false
			semrelease(&c.caller, true)
		}()
		c.f(c)
	}()
	return c
}

//go:linkname coroswitch
//go:norace
func coroswitch(c *coro) {
	if c.inside {
		c.inside = false
		semrelease(&c.caller, true)
		semacquire(&c.own, semaCoroutine, getcallerpc())
		c.inside = true
		return
	}
	semrelease(&c.own, true)
	semacquire(&c.caller, semaCoroutine, getcallerpc())
}

//go:linkname fips_isBypassed crypto/fips140.isBypassed
func fips_isBypassed() bool { return getg().words[wordFipsBypass] != 0 }

//go:linkname fips_setBypass crypto/fips140.setBypass
func fips_setBypass() { getg().words[wordFipsBypass] = 1 }

//go:linkname fips_unsetBypass crypto/fips140.unsetBypass
func fips_unsetBypass() { getg().words[wordFipsBypass] = 0 }

//go:linkname fips_monoTime crypto/internal/fips140deps/time.monoTime
func fips_monoTime() int64 { return nanotime() }

//go:linkname sig_StandardCrypto crypto/internal/boring/sig.StandardCrypto
func sig_StandardCrypto() {}

//go:linkname sig_BoringCrypto crypto/internal/boring/sig.BoringCrypto
func sig_BoringCrypto() {}

//go:linkname sig_FIPSOnly crypto/internal/boring/sig.FIPSOnly
func sig_FIPSOnly() {}

//go:linkname chacha_generic internal/chacha8rand.block_generic
func chacha_generic(seed *[4]uint64, blocks *[32]uint64, counter uint32)

//go:linkname chacha_block internal/chacha8rand.block
func chacha_block(seed *[4]uint64, blocks *[32]uint64, counter uint32) {
	chacha_generic(seed, blocks, counter)
}
