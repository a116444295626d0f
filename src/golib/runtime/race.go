package runtime

import (
	"internal/abi"
	"unsafe"
)

// The public API of the race detector (build tag race), and its uses inside this package. The natives of package
// internal/race have the same meaning; here they are called with the caller's program counter where that matters.

// RaceRead checks a read of one byte at addr.
func RaceRead(addr unsafe.Pointer) { racereadfrom(addr, getcallerpc()) }

// RaceWrite checks a write of one byte at addr.
func RaceWrite(addr unsafe.Pointer) { racewritefrom(addr, getcallerpc()) }

// RaceReadRange checks a read of len bytes.
func RaceReadRange(addr unsafe.Pointer, len int) { racereadrangefrom(addr, uintptr(len), getcallerpc()) }

// RaceWriteRange checks a write of len bytes.
func RaceWriteRange(addr unsafe.Pointer, len int) {
	racewriterangefrom(addr, uintptr(len), getcallerpc())
}

// RaceAcquire establishes a happens-before edge from preceding RaceReleaseMerge on addr up to the last RaceRelease.
func RaceAcquire(addr unsafe.Pointer) { raceacquire(addr) }

// RaceRelease performs a release on addr that later acquires see.
func RaceRelease(addr unsafe.Pointer) { racerelease(addr) }

// RaceReleaseMerge is like RaceRelease, but keeps earlier releases.
func RaceReleaseMerge(addr unsafe.Pointer) { racereleasemerge(addr) }

// RaceDisable disables handling of race synchronization events in the current goroutine.
func RaceDisable() { racedisable() }

// RaceEnable re-enables handling of race events in the current goroutine.
func RaceEnable() { raceenable() }

// RaceErrors returns the number of races found so far.
func RaceErrors() int { return raceerrors() }

//go:linkname race_ReadObjectPC internal/race.ReadObjectPC
func race_ReadObjectPC(t *abi.Type, addr unsafe.Pointer, callerpc, pc uintptr) {
	raceObject(t, addr, callerpc, false)
}

//go:linkname race_WriteObjectPC internal/race.WriteObjectPC
func race_WriteObjectPC(t *abi.Type, addr unsafe.Pointer, callerpc, pc uintptr) {
	raceObject(t, addr, callerpc, true)
}

func raceObject(t *abi.Type, addr unsafe.Pointer, callerpc uintptr, write bool) {
	size := t.Size_
	if k := t.Kind(); k != abi.Array && k != abi.Struct && size > 1 {
		size = 1
	}
	if write {
		racewriterangefrom(addr, size, callerpc)
	} else {
		racereadrangefrom(addr, size, callerpc)
	}
}

//go:linkname race_ReadPC internal/race.ReadPC
func race_ReadPC(addr unsafe.Pointer, callerpc, pc uintptr) { racereadfrom(addr, callerpc) }

//go:linkname race_WritePC internal/race.WritePC
func race_WritePC(addr unsafe.Pointer, callerpc, pc uintptr) { racewritefrom(addr, callerpc) }

//go:linkname race_Read internal/race.Read
func race_Read(addr unsafe.Pointer) { racereadfrom(addr, getcallerpc()) }

//go:linkname race_Write internal/race.Write
func race_Write(addr unsafe.Pointer) { racewritefrom(addr, getcallerpc()) }

//go:linkname race_ReadRange internal/race.ReadRange
func race_ReadRange(addr unsafe.Pointer, len int) { racereadrangefrom(addr, uintptr(len), getcallerpc()) }

//go:linkname race_WriteRange internal/race.WriteRange
func race_WriteRange(addr unsafe.Pointer, len int) {
	racewriterangefrom(addr, uintptr(len), getcallerpc())
}

//go:linkname race_Acquire internal/race.Acquire
func race_Acquire(addr unsafe.Pointer) { raceacquire(addr) }

//go:linkname race_Release internal/race.Release
func race_Release(addr unsafe.Pointer) { racerelease(addr) }

//go:linkname race_ReleaseMerge internal/race.ReleaseMerge
func race_ReleaseMerge(addr unsafe.Pointer) { racereleasemerge(addr) }

//go:linkname race_Disable internal/race.Disable
func race_Disable() { racedisable() }

//go:linkname race_Enable internal/race.Enable
func race_Enable() { raceenable() }

//go:linkname race_Errors internal/race.Errors
func race_Errors() int { return raceerrors() }
