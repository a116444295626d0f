// Package runtime of gorace: what real packages of the standard library ask of Go's runtime, written on the natives
// that natives.go declares. Layouts that compiled code or the Rust side share are marked "shared" and stated there.
package runtime

import (
	"internal/abi"
	"internal/goarch"
	"unsafe"
)

type _type = abi.Type

type maptype = abi.MapType

type chantype = abi.ChanType

type interfacetype = abi.InterfaceType

type itab = abi.ITab

// A func value points to its code word; captured variables follow.
type funcval struct {
	fn uintptr
}

type eface struct {
	_type *_type
	data  unsafe.Pointer
}

type iface struct {
	tab  *itab
	data unsafe.Pointer
}

type stringStruct struct {
	str unsafe.Pointer
	len int
}

type slice struct {
	array unsafe.Pointer
	len   int
	cap   int
}

// g is the head of a goroutine (shared: abi::goroutine::GoroutineHeader).
type g struct {
	stackGuard     uintptr
	closureContext uintptr
	epochWord      uint32
	budget         int32
	savedSP        uintptr
	savedFP        uintptr
	park           uint64
	wakeValues     [2]uint64
	systemSP       uintptr
	id             uint64
	defers         *_defer
	panics         *_panic
	words          [8]uintptr
}

// Uses of g.words.
const (
	wordLabels = iota
	wordBubble
	wordFips
	wordFipsBypass
	wordPanicOnFault
	wordLocked
	wordProfileLabels
	wordPinned
)

func efaceOf(e *any) *eface { return (*eface)(unsafe.Pointer(e)) }

func add(p unsafe.Pointer, x uintptr) unsafe.Pointer { return unsafe.Pointer(uintptr(p) + x) }

const ptrSize = goarch.PtrSize

const maxAlloc = 1 << 47

// zeroVal is what a missing map element of up to 1024 bytes reads as.
//
//go:linkname zeroVal
var zeroVal [abi.ZeroValSize]byte

// zerobase is the address of every object of size zero.
var zerobase uintptr

func toRType(t *_type) rtype { return rtype{t} }

type rtype struct {
	*_type
}

func (t rtype) string() string {
	s := nameAt(t.Str).Name()
	if t.TFlag&abi.TFlagExtraStar != 0 {
		return s[1:]
	}
	return s
}

func (t rtype) pkgpath() string {
	if u := t.Uncommon(); u != nil {
		return nameAt(u.PkgPath).Name()
	}
	switch t.Kind() {
	case abi.Struct:
		return (*abi.StructType)(unsafe.Pointer(t._type)).PkgPath.Name()
	case abi.Interface:
		return (*interfacetype)(unsafe.Pointer(t._type)).PkgPath.Name()
	}
	return ""
}

// Offsets in descriptors are relative to the image (shared: abi::memory::IMAGE_BASE).
const imageBase = 0xc0_0000_0000

// How far they can reach (shared: abi::memory::IMAGE_LIMIT).
const imageLimit = 0x4000_0000

func nameAt(off abi.NameOff) abi.Name {
	if off == 0 {
		return abi.Name{}
	}
	return abi.Name{Bytes: (*byte)(resolveOffset(int32(off)))}
}

func typeAt(off abi.TypeOff) *_type {
	if off == 0 || off == -1 {
		return nil
	}
	return (*_type)(resolveOffset(int32(off)))
}

func textAt(off abi.TextOff) unsafe.Pointer {
	if off == -1 {
		return unsafe.Pointer(abi.FuncPCABIInternal(unreachableMethod))
	}
	return resolveOffset(int32(off))
}

func unreachableMethod() { throw("unreachable method called: it was left out by the linker") }

// Negative offsets are numbers that addReflectOff gave out.
var reflectOffs struct {
	next int32
	m    map[int32]unsafe.Pointer
	minv map[unsafe.Pointer]int32
	lock runtimeLock
}

func resolveOffset(off int32) unsafe.Pointer {
	if off >= 0 {
		return unsafe.Pointer(uintptr(imageBase) + uintptr(off))
	}
	reflectOffs.lock.take()
	p := reflectOffs.m[off]
	reflectOffs.lock.give()
	return p
}

//go:linkname reflect_addReflectOff reflect.addReflectOff
func reflect_addReflectOff(ptr unsafe.Pointer) int32 {
	reflectOffs.lock.take()
	if reflectOffs.m == nil {
		reflectOffs.m = make(map[int32]unsafe.Pointer)
		reflectOffs.minv = make(map[unsafe.Pointer]int32)
		reflectOffs.next = -2
	}
	id, found := reflectOffs.minv[ptr]
	if !found {
		id = reflectOffs.next
		reflectOffs.next--
		reflectOffs.m[id] = ptr
		reflectOffs.minv[ptr] = id
	}
	reflectOffs.lock.give()
	return id
}

//go:linkname reflect_resolveNameOff reflect.resolveNameOff
func reflect_resolveNameOff(ptrInModule unsafe.Pointer, off int32) unsafe.Pointer {
	if off == 0 {
		return nil
	}
	return resolveOffset(off)
}

//go:linkname reflect_resolveTypeOff reflect.resolveTypeOff
func reflect_resolveTypeOff(rtype unsafe.Pointer, off int32) unsafe.Pointer {
	return unsafe.Pointer(typeAt(abi.TypeOff(off)))
}

//go:linkname reflect_resolveTextOff reflect.resolveTextOff
func reflect_resolveTextOff(rtype unsafe.Pointer, off int32) unsafe.Pointer {
	return textAt(abi.TextOff(off))
}

//go:linkname reflectlite_resolveNameOff internal/reflectlite.resolveNameOff
func reflectlite_resolveNameOff(ptrInModule unsafe.Pointer, off int32) unsafe.Pointer {
	if off == 0 {
		return nil
	}
	return resolveOffset(off)
}

//go:linkname reflectlite_resolveTypeOff internal/reflectlite.resolveTypeOff
func reflectlite_resolveTypeOff(rtype unsafe.Pointer, off int32) unsafe.Pointer {
	return unsafe.Pointer(typeAt(abi.TypeOff(off)))
}

//go:linkname maps_typeString internal/runtime/maps.typeString
func maps_typeString(typ *abi.Type) string { return toRType(typ).string() }
