package runtime

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// Maps are those of internal/runtime/maps, which itself defines runtime.mapaccess1 and its relatives; here stand the
// entry points that it leaves to the runtime.

func makemap64(t *abi.MapType, hint int64, m *maps.Map) *maps.Map { return makemap(t, int(hint), m) }

// makesmallmap makes a map with room for one group, whose type the compiler gives so that it may put both into a frame.
func makesmallmap(group *abi.Type) *maps.Map { return maps.NewEmptyMap() }

// smallMap is what the compiler lays out in a frame: maps.Map's fields, then the group.
type smallMap struct {
	used, seed uint64
	group      unsafe.Pointer
	_          [3]uint64
	// The group starts with its control word.
	control uint64
}

const allSlotsEmpty = 0x8080808080808080

func makesmallmapbuf(room *smallMap, size uintptr, group *abi.Type) *maps.Map {
	memclrNoHeapPointers(unsafe.Pointer(room), size)
	room.seed = rand()
	room.group = unsafe.Pointer(&room.control)
	room.control = allSlotsEmpty
	return (*maps.Map)(unsafe.Pointer(room))
}

func makemap(t *abi.MapType, hint int, m *maps.Map) *maps.Map {
	if hint < 0 {
		hint = 0
	}
	return maps.NewMap(t, uintptr(hint), m, maxAlloc)
}

//go:linkname mapaccess1 runtime.mapaccess1
func mapaccess1(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess2 runtime.mapaccess2
func mapaccess2(t *abi.MapType, m *maps.Map, key unsafe.Pointer) (unsafe.Pointer, bool)

//go:linkname mapassign runtime.mapassign
func mapassign(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess1_faststr runtime.mapaccess1_faststr
func mapaccess1_faststr(t *abi.MapType, m *maps.Map, key string) unsafe.Pointer

//go:linkname mapaccess2_faststr runtime.mapaccess2_faststr
func mapaccess2_faststr(t *abi.MapType, m *maps.Map, key string) (unsafe.Pointer, bool)

//go:linkname mapassign_faststr runtime.mapassign_faststr
func mapassign_faststr(t *abi.MapType, m *maps.Map, key string) unsafe.Pointer

func mapdelete(t *abi.MapType, m *maps.Map, key unsafe.Pointer) {
	if m != nil {
		racewritefrom(unsafe.Pointer(m), getcallerpc())
		racereadrangefrom(key, t.Key.Size_, getcallerpc())
	}
	m.Delete(t, key)
}

func mapclear(t *abi.MapType, m *maps.Map) {
	if m != nil {
		racewritefrom(unsafe.Pointer(m), getcallerpc())
	}
	m.Clear(t)
}

func mapIterStart(t *abi.MapType, m *maps.Map, it *maps.Iter) {
	if m != nil {
		racereadfrom(unsafe.Pointer(m), getcallerpc())
	}
	it.Init(t, m)
	it.Next()
}

func mapIterNext(it *maps.Iter) {
	if m := it.Map(); m != nil {
		racereadfrom(unsafe.Pointer(m), getcallerpc())
	}
	it.Next()
}

//go:linkname maps_errNilAssign internal/runtime/maps.errNilAssign
var maps_errNilAssign error = plainError("assignment to entry in nil map")

//go:linkname maps_rand internal/runtime/maps.rand
func maps_rand() uint64 { return rand() }

//go:linkname reflect_makemap reflect.makemap
func reflect_makemap(t *abi.MapType, cap int) *maps.Map { return makemap(t, cap, nil) }

//go:linkname reflect_mapaccess reflect.mapaccess
func reflect_mapaccess(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer {
	elem, ok := mapaccess2(t, m, key)
	if !ok {
		elem = nil
	}
	return elem
}

//go:linkname reflect_mapaccess_faststr reflect.mapaccess_faststr
func reflect_mapaccess_faststr(t *abi.MapType, m *maps.Map, key string) unsafe.Pointer {
	elem, ok := mapaccess2_faststr(t, m, key)
	if !ok {
		elem = nil
	}
	return elem
}

//go:linkname reflect_mapassign0 reflect.mapassign0
func reflect_mapassign0(t *abi.MapType, m *maps.Map, key unsafe.Pointer, elem unsafe.Pointer) {
	p := mapassign(t, m, key)
	typedmemmove(t.Elem, p, elem)
}

//go:linkname reflect_mapassign_faststr0 reflect.mapassign_faststr0
func reflect_mapassign_faststr0(t *abi.MapType, m *maps.Map, key string, elem unsafe.Pointer) {
	p := mapassign_faststr(t, m, key)
	typedmemmove(t.Elem, p, elem)
}

//go:linkname reflect_mapdelete reflect.mapdelete
func reflect_mapdelete(t *abi.MapType, m *maps.Map, key unsafe.Pointer) { mapdelete(t, m, key) }

//go:linkname reflect_mapdelete_faststr reflect.mapdelete_faststr
func reflect_mapdelete_faststr(t *abi.MapType, m *maps.Map, key string) {
	mapdelete(t, m, unsafe.Pointer(&key))
}

//go:linkname reflect_maplen reflect.maplen
func reflect_maplen(m *maps.Map) int {
	if m == nil {
		return 0
	}
	racereadfrom(unsafe.Pointer(m), getcallerpc())
	return int(m.Used())
}

//go:linkname reflectlite_maplen internal/reflectlite.maplen
func reflectlite_maplen(m *maps.Map) int { return reflect_maplen(m) }

//go:linkname reflect_mapclear reflect.mapclear
func reflect_mapclear(t *abi.MapType, m *maps.Map) { mapclear(t, m) }

//go:linkname mapclone maps.clone
func mapclone(m any) any {
	e := efaceOf(&m)
	typ := (*abi.MapType)(unsafe.Pointer(e._type))
	e.data = unsafe.Pointer((*maps.Map)(e.data).Clone(typ))
	return m
}
