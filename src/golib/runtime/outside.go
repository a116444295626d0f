package runtime

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// What modules take from Go's runtime by go:linkname, though nobody promised it to them, and Go keeps for their sake. Code that they take
// to work on the scheduler or on the collector (gopark, sched, writeBarrier, lastmoduledatap) has nothing here that it could work on.

// outsideIter stands in the room that callers have for the iterator of Go 1.23: fifteen words of which they read the first two.
type outsideIter struct {
	key  unsafe.Pointer
	elem unsafe.Pointer
	typ  *abi.MapType
	it   *maps.Iter
}

func (o *outsideIter) next() {
	o.it.Next()
	o.key, o.elem = o.it.Key(), o.it.Elem()
}

func mapiterinit(t *abi.MapType, m *maps.Map, o *outsideIter) {
	if m != nil {
		racereadfrom(unsafe.Pointer(m), getcallerpc())
	}
	o.typ, o.it = t, new(maps.Iter)
	o.it.Init(t, m)
	o.next()
}

func mapiternext(o *outsideIter) {
	if m := o.it.Map(); m != nil {
		racereadfrom(unsafe.Pointer(m), getcallerpc())
	}
	o.next()
}

//go:linkname reflect_mapiterinit reflect.mapiterinit
func reflect_mapiterinit(t *abi.MapType, m *maps.Map, o *outsideIter) { mapiterinit(t, m, o) }

//go:linkname reflect_mapiternext reflect.mapiternext
func reflect_mapiternext(o *outsideIter) { mapiternext(o) }

//go:linkname reflect_mapiterkey reflect.mapiterkey
func reflect_mapiterkey(o *outsideIter) unsafe.Pointer { return o.it.Key() }

//go:linkname reflect_mapiterelem reflect.mapiterelem
func reflect_mapiterelem(o *outsideIter) unsafe.Pointer { return o.it.Elem() }

func makemap_small() *maps.Map { return maps.NewEmptyMap() }

func convT64(val uint64) unsafe.Pointer {
	x := new(uint64)
	*x = val
	return unsafe.Pointer(x)
}

func convTstring(val string) unsafe.Pointer {
	x := new(string)
	*x = val
	return unsafe.Pointer(x)
}

func convTslice(val []byte) unsafe.Pointer {
	x := new([]byte)
	*x = val
	return unsafe.Pointer(x)
}

func typedslicecopy(typ *_type, dst unsafe.Pointer, dstLen int, src unsafe.Pointer, srcLen int) int {
	n := min(dstLen, srcLen)
	if n > 0 && dst != src {
		memmove(dst, src, uintptr(n)*typ.Size_)
	}
	return n
}

func memclrHasPointers(p unsafe.Pointer, n uintptr) { memclrNoHeapPointers(p, n) }

func stringHash(s string, seed uintptr) uintptr { return strhash(unsafe.Pointer(&s), seed) }

func noescape(p unsafe.Pointer) unsafe.Pointer { return p }

func gobytes(p *byte, n int) []byte { return append([]byte{}, unsafe.Slice(p, n)...) }

func gostringn(p *byte, n int) string { return string(unsafe.Slice(p, n)) }

func cheaprand64() int64 { return int64(rand()) }

func cputicks() int64 { return nanotime() }

func goyield() { Gosched() }

func procyield(cycles uint32) {}

func getAuxv() []uintptr { return nil }
