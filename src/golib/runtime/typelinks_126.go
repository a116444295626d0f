//go:build !go1.27

package runtime

import "unsafe"

const panicNilText = "panic called with nil argument (use GODEBUG=panicnil=1 to disable)"

// Up to Go 1.26 reflect asks for a base and offsets from it: here the base is the first type.
//
//go:linkname reflect_typelinks reflect.typelinks
func reflect_typelinks() ([]unsafe.Pointer, [][]int32) {
	types := compiledTypes()
	if len(types) == 0 {
		return nil, nil
	}
	base := unsafe.Pointer(types[0])
	offsets := make([]int32, len(types))
	for i, t := range types {
		offsets[i] = int32(uintptr(unsafe.Pointer(t)) - uintptr(base))
	}
	return []unsafe.Pointer{base}, [][]int32{offsets}
}
