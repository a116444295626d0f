package runtime

import _ "unsafe"

// Random numbers come from the schedule's seed when exploring, from the system otherwise (native rand64).

//go:linkname rand
func rand() uint64 { return rand64() }

//go:linkname bootstrapRand
func bootstrapRand() uint64 { return rand64() }

//go:linkname rand32
func rand32() uint32 { return uint32(rand64() >> 32) }

//go:linkname randn
func randn(n uint32) uint32 { return uint32((uint64(rand32()) * uint64(n)) >> 32) }

//go:linkname cheaprand
func cheaprand() uint32 { return rand32() }

//go:linkname cheaprandn
func cheaprandn(n uint32) uint32 { return randn(n) }

//go:linkname legacy_fastrand runtime.fastrand
func legacy_fastrand() uint32 { return rand32() }

//go:linkname legacy_fastrandn runtime.fastrandn
func legacy_fastrandn(n uint32) uint32 { return randn(n) }

//go:linkname legacy_fastrand64 runtime.fastrand64
func legacy_fastrand64() uint64 { return rand64() }
