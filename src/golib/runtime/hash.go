//go:build go1.27

package runtime

import (
	"internal/runtime/maps"
	"unsafe"
)

// Since Go 1.27 maps hash keys of these kinds themselves where they can, so the functions in descriptors must agree with
// theirs.

func hashinit() { maps.AlgInit() }

func memhash(p unsafe.Pointer, h, n uintptr) uintptr { return maps.MemHash(p, h, n) }

func memhash32(p unsafe.Pointer, h uintptr) uintptr { return maps.MemHash32(*(*uint32)(p), h) }
func memhash64(p unsafe.Pointer, h uintptr) uintptr { return maps.MemHash64(*(*uint64)(p), h) }
func strhash(p unsafe.Pointer, h uintptr) uintptr   { return maps.StrHash(*(*string)(p), h) }
