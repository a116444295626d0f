package runtime

import (
	"internal/abi"
	"internal/runtime/math"
	"unsafe"
)

func newarray(typ *_type, n int) unsafe.Pointer {
	if n == 1 {
		return mallocgc(typ.Size_, typ, true)
	}
	mem, overflow := math.MulUintptr(typ.Size_, uintptr(n))
	if overflow || mem > maxAlloc || n < 0 {
		panic(plainError("runtime: allocation size out of range"))
	}
	return mallocgc(mem, typ, true)
}

func makeslice(et *_type, len, cap int) unsafe.Pointer {
	mem, overflow := math.MulUintptr(et.Size_, uintptr(cap))
	if overflow || mem > maxAlloc || len < 0 || len > cap {
		mem, overflow := math.MulUintptr(et.Size_, uintptr(len))
		if overflow || mem > maxAlloc || len < 0 {
			panicmakeslicelen()
		}
		panicmakeslicecap()
	}
	return mallocgc(mem, et, true)
}

func makeslice64(et *_type, len64, cap64 int64) unsafe.Pointer { return makeslice(et, int(len64), int(cap64)) }

// growslice makes room for num more elements: newLen is the wished length, oldCap the present capacity.
func growslice(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	return growsliceFrom(oldPtr, newLen, oldCap, num, et, getcallerpc())
}

// growsliceNoPointers is growslice of elements without pointers.
func growsliceNoPointers(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	return growsliceFrom(oldPtr, newLen, oldCap, num, et, getcallerpc())
}

func growsliceFrom(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type, pc uintptr) slice {
	oldLen := newLen - num
	if newLen < 0 {
		panic(errorString("growslice: len out of range"))
	}
	if oldLen > 0 && et.Size_ != 0 {
		racereadrangefrom(oldPtr, uintptr(oldLen)*et.Size_, pc)
	}
	if et.Size_ == 0 {
		return slice{unsafe.Pointer(&zerobase), newLen, newLen}
	}
	newcap := nextslicecap(newLen, oldCap)
	mem, overflow := math.MulUintptr(et.Size_, uintptr(newcap))
	if overflow || mem > maxAlloc {
		panic(errorString("growslice: len out of range"))
	}
	mem = roundupsize(mem, !et.Pointers())
	newcap = int(mem / et.Size_)
	var p unsafe.Pointer
	if !et.Pointers() {
		p = mallocgc(mem, et, true)
	} else {
		p = mallocgc(uintptr(newcap)*et.Size_, et, true)
	}
	memmove(p, oldPtr, uintptr(oldLen)*et.Size_)
	return slice{p, newLen, newcap}
}

// nextslicecap doubles small slices and moves smoothly to growth by a quarter.
func nextslicecap(newLen, oldCap int) int {
	newcap := oldCap
	doublecap := newcap + newcap
	if newLen > doublecap {
		return newLen
	}
	const threshold = 256
	if oldCap < threshold {
		return doublecap
	}
	for {
		newcap += (newcap + 3*threshold) >> 2
		if uint(newcap) >= uint(newLen) {
			break
		}
	}
	if newcap <= 0 {
		return newLen
	}
	return newcap
}

//go:linkname reflect_growslice reflect.growslice
func reflect_growslice(et *_type, old slice, num int) slice {
	num -= old.cap - old.len
	s := growslice(old.array, old.cap+num, old.cap, num, et)
	s.len = old.len
	return s
}

func typedmemmove(typ *abi.Type, dst, src unsafe.Pointer) {
	if dst != src {
		memmove(dst, src, typ.Size_)
	}
}

func typedmemclr(typ *_type, ptr unsafe.Pointer) { memclrNoHeapPointers(ptr, typ.Size_) }

//go:linkname reflect_typedmemmove reflect.typedmemmove
func reflect_typedmemmove(typ *_type, dst, src unsafe.Pointer) {
	racewriterangefrom(dst, typ.Size_, getcallerpc())
	racereadrangefrom(src, typ.Size_, getcallerpc())
	typedmemmove(typ, dst, src)
}

//go:linkname reflectlite_typedmemmove internal/reflectlite.typedmemmove
func reflectlite_typedmemmove(typ *_type, dst, src unsafe.Pointer) { reflect_typedmemmove(typ, dst, src) }

//go:linkname maps_typedmemmove internal/runtime/maps.typedmemmove
func maps_typedmemmove(typ *_type, dst, src unsafe.Pointer) { typedmemmove(typ, dst, src) }

//go:linkname maps_typedmemclr internal/runtime/maps.typedmemclr
func maps_typedmemclr(typ *_type, ptr unsafe.Pointer) { typedmemclr(typ, ptr) }

//go:linkname maps_newarray internal/runtime/maps.newarray
func maps_newarray(typ *_type, n int) unsafe.Pointer { return newarray(typ, n) }

//go:linkname maps_newobject internal/runtime/maps.newobject
func maps_newobject(typ *_type) unsafe.Pointer { return newobject(typ) }

//go:linkname reflect_unsafe_New reflect.unsafe_New
func reflect_unsafe_New(typ *_type) unsafe.Pointer { return newobject(typ) }

//go:linkname reflectlite_unsafe_New internal/reflectlite.unsafe_New
func reflectlite_unsafe_New(typ *_type) unsafe.Pointer { return newobject(typ) }

//go:linkname reflect_unsafe_NewArray reflect.unsafe_NewArray
func reflect_unsafe_NewArray(typ *_type, n int) unsafe.Pointer { return newarray(typ, n) }

//go:linkname reflect_typedmemclr reflect.typedmemclr
func reflect_typedmemclr(typ *_type, ptr unsafe.Pointer) { typedmemclr(typ, ptr) }

//go:linkname reflect_typedmemclrpartial reflect.typedmemclrpartial
func reflect_typedmemclrpartial(typ *_type, ptr unsafe.Pointer, off, size uintptr) {
	memclrNoHeapPointers(ptr, size)
}

//go:linkname reflect_typedarrayclear reflect.typedarrayclear
func reflect_typedarrayclear(typ *_type, ptr unsafe.Pointer, n int) {
	memclrNoHeapPointers(ptr, typ.Size_*uintptr(n))
}

//go:linkname reflect_typedslicecopy reflect.typedslicecopy
func reflect_typedslicecopy(elemType *_type, dst, src slice) int {
	n := dst.len
	if src.len < n {
		n = src.len
	}
	size := uintptr(n) * elemType.Size_
	if size == 0 {
		return n
	}
	racewriterangefrom(dst.array, size, getcallerpc())
	racereadrangefrom(src.array, size, getcallerpc())
	memmove(dst.array, src.array, size)
	return n
}

//go:linkname reflect_memmove reflect.memmove
func reflect_memmove(to, from unsafe.Pointer, n uintptr) { memmove(to, from, n) }

//go:linkname reflect_unsafeslice reflect.unsafeslice
func reflect_unsafeslice(et *_type, ptr unsafe.Pointer, len int) { unsafeslicecheck(et.Size_, ptr, len) }

//go:linkname reflect_verifyNotInHeapPtr reflect.verifyNotInHeapPtr
func reflect_verifyNotInHeapPtr(p uintptr) bool { return true }

// unsafeslicecheck checks unsafe.Slice(ptr, len).
func unsafeslicecheck(size uintptr, ptr unsafe.Pointer, len int) {
	if len < 0 {
		panicunsafeslicelen()
	}
	mem, overflow := math.MulUintptr(size, uintptr(len))
	if overflow || mem > -uintptr(ptr) {
		if ptr == nil {
			panicunsafeslicenilptr()
		}
		panicunsafeslicelen()
	}
}

func unsafestringcheck(ptr unsafe.Pointer, len int) {
	if len < 0 {
		panicunsafestringlen()
	}
	if uintptr(len) > -uintptr(ptr) {
		if ptr == nil {
			panicunsafestringnilptr()
		}
		panicunsafestringlen()
	}
}

//go:linkname bytealg_MakeNoZero internal/bytealg.MakeNoZero
func bytealg_MakeNoZero(len int) []byte {
	if uintptr(len) > maxAlloc {
		panicmakeslicelen()
	}
	cap := roundupsize(uintptr(len), true)
	return unsafe.Slice((*byte)(mallocgc(cap, nil, false)), int(cap))[:len]
}
