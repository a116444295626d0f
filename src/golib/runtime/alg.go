package runtime

import (
	"internal/abi"
	"internal/goarch"
	"unsafe"
)

// Hashing and equality of values by type. The compiler makes functions for composite types; these are their leaves, and
// the interpretive forms for types known only at run time.

func memhash0(p unsafe.Pointer, h uintptr) uintptr   { return h }
func memhash8(p unsafe.Pointer, h uintptr) uintptr   { return memhash(p, h, 1) }
func memhash16(p unsafe.Pointer, h uintptr) uintptr  { return memhash(p, h, 2) }
func memhash128(p unsafe.Pointer, h uintptr) uintptr { return memhash(p, h, 16) }

func f32hash(p unsafe.Pointer, h uintptr) uintptr {
	f := *(*float32)(p)
	switch {
	case f == 0:
		return mix(h ^ 0x9e3779b97f4a7c15)
	case f != f:
		return mix(h ^ uintptr(rand()))
	default:
		return memhash(p, h, 4)
	}
}

func f64hash(p unsafe.Pointer, h uintptr) uintptr {
	f := *(*float64)(p)
	switch {
	case f == 0:
		return mix(h ^ 0x9e3779b97f4a7c15)
	case f != f:
		return mix(h ^ uintptr(rand()))
	default:
		return memhash(p, h, 8)
	}
}

func mix(h uintptr) uintptr {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return h
}

func c64hash(p unsafe.Pointer, h uintptr) uintptr {
	x := (*[2]float32)(p)
	return f32hash(unsafe.Pointer(&x[1]), f32hash(unsafe.Pointer(&x[0]), h))
}

func c128hash(p unsafe.Pointer, h uintptr) uintptr {
	x := (*[2]float64)(p)
	return f64hash(unsafe.Pointer(&x[1]), f64hash(unsafe.Pointer(&x[0]), h))
}

func interhash(p unsafe.Pointer, h uintptr) uintptr {
	a := (*iface)(p)
	if a.tab == nil {
		return h
	}
	return dynamicHash(a.tab.Type, a.data, h)
}

func nilinterhash(p unsafe.Pointer, h uintptr) uintptr {
	a := (*eface)(p)
	if a._type == nil {
		return h
	}
	return dynamicHash(a._type, a.data, h)
}

func dynamicHash(t *_type, data unsafe.Pointer, h uintptr) uintptr {
	if t.Equal == nil {
		panic(errorString("hash of unhashable type " + toRType(t).string()))
	}
	if t.TFlag&abi.TFlagDirectIface != 0 {
		if isDescriptor(t, data) {
			return mix(h ^ uintptr((*_type)(data).Hash)*0x9e3779b97f4a7c15)
		}
		return mix(typehash(t, unsafe.Pointer(&data), h) ^ 0x2545f491)
	}
	return mix(typehash(t, data, h) ^ 0x2545f491)
}

// isDescriptor reports whether a pointer of type t is a reflect.Type of a type known to the compiler. Tables keyed by types
// (sync.Map in reflect, encoding/json and net/http) must not follow where the image has them: a schedule is a function of
// its seed, and how often the loops of such a table turn is a part of it.
func isDescriptor(t *_type, data unsafe.Pointer) bool {
	if uintptr(data)-imageBase >= imageLimit || t.Kind() != abi.Pointer {
		return false
	}
	pointed := (*abi.PtrType)(unsafe.Pointer(t)).Elem
	if pointed.Size_ != unsafe.Sizeof(_type{}) || pointed.Kind() != abi.Struct {
		return false
	}
	// By its path as well: a program may have a package of that name, whose values change.
	return toRType(pointed).string() == "reflect.rtype" && toRType(pointed).pkgpath() == "reflect"
}

// typehash hashes a value by walking its type.
func typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr {
	if t.TFlag&abi.TFlagRegularMemory != 0 {
		return memhash(p, h, t.Size_)
	}
	switch t.Kind() {
	case abi.Float32:
		return f32hash(p, h)
	case abi.Float64:
		return f64hash(p, h)
	case abi.Complex64:
		return c64hash(p, h)
	case abi.Complex128:
		return c128hash(p, h)
	case abi.String:
		return strhash(p, h)
	case abi.Interface:
		i := (*interfacetype)(unsafe.Pointer(t))
		if len(i.Methods) == 0 {
			return nilinterhash(p, h)
		}
		return interhash(p, h)
	case abi.Array:
		a := (*abi.ArrayType)(unsafe.Pointer(t))
		for i := uintptr(0); i < a.Len; i++ {
			h = typehash(a.Elem, add(p, i*a.Elem.Size_), h)
		}
		return h
	case abi.Struct:
		s := (*abi.StructType)(unsafe.Pointer(t))
		for i := range s.Fields {
			f := &s.Fields[i]
			if f.Name.IsBlank() {
				continue
			}
			h = typehash(f.Typ, add(p, f.Offset), h)
		}
		return h
	}
	if t.Equal == nil {
		panic(errorString("hash of unhashable type " + toRType(t).string()))
	}
	return memhash(p, h, t.Size_)
}

//go:linkname reflect_typehash reflect.typehash
func reflect_typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr { return typehash(t, p, h) }

func memequal0(p, q unsafe.Pointer) bool   { return true }
func memequal8(p, q unsafe.Pointer) bool   { return *(*int8)(p) == *(*int8)(q) }
func memequal16(p, q unsafe.Pointer) bool  { return *(*int16)(p) == *(*int16)(q) }
func memequal32(p, q unsafe.Pointer) bool  { return *(*int32)(p) == *(*int32)(q) }
func memequal64(p, q unsafe.Pointer) bool  { return *(*int64)(p) == *(*int64)(q) }
func memequal128(p, q unsafe.Pointer) bool { return *(*[2]int64)(p) == *(*[2]int64)(q) }
func f32equal(p, q unsafe.Pointer) bool    { return *(*float32)(p) == *(*float32)(q) }
func f64equal(p, q unsafe.Pointer) bool    { return *(*float64)(p) == *(*float64)(q) }
func c64equal(p, q unsafe.Pointer) bool    { return *(*complex64)(p) == *(*complex64)(q) }
func c128equal(p, q unsafe.Pointer) bool   { return *(*complex128)(p) == *(*complex128)(q) }
func strequal(p, q unsafe.Pointer) bool    { return *(*string)(p) == *(*string)(q) }

func interequal(p, q unsafe.Pointer) bool {
	x, y := *(*iface)(p), *(*iface)(q)
	return x.tab == y.tab && ifaceeq(x.tab, x.data, y.data)
}

func nilinterequal(p, q unsafe.Pointer) bool {
	x, y := *(*eface)(p), *(*eface)(q)
	return x._type == y._type && efaceeq(x._type, x.data, y.data)
}

// efaceeq compares the data of two interfaces of the same dynamic type.
func efaceeq(t *_type, x, y unsafe.Pointer) bool {
	if t == nil {
		return true
	}
	if t.Equal == nil {
		panic(errorString("comparing uncomparable type " + toRType(t).string()))
	}
	if t.TFlag&abi.TFlagDirectIface != 0 {
		return x == y
	}
	return t.Equal(x, y)
}

// ifaceeq is efaceeq for interfaces with methods.
func ifaceeq(tab *itab, x, y unsafe.Pointer) bool {
	if tab == nil {
		return true
	}
	return efaceeq(tab.Type, x, y)
}

// Closures that reflect and the map code make for a size known at run time.
func memequal_varlen(p, q unsafe.Pointer) bool {
	size := *(*uintptr)(add(closureContext(), goarch.PtrSize))
	return memequal(p, q, size)
}

func memhash_varlen(p unsafe.Pointer, h uintptr) uintptr {
	size := *(*uintptr)(add(closureContext(), goarch.PtrSize))
	return memhash(p, h, size)
}

func closureContext() unsafe.Pointer { return unsafe.Pointer(getg().closureContext) }
