//go:build !go1.27

package runtime

import "unsafe"

// Up to Go 1.26 hashing is the runtime's alone: a map calls the function in its descriptor.

func hashinit() {}

func memhash(p unsafe.Pointer, h, n uintptr) uintptr // native

func memhash32(p unsafe.Pointer, h uintptr) uintptr { return memhash(p, h, 4) }
func memhash64(p unsafe.Pointer, h uintptr) uintptr { return memhash(p, h, 8) }

func strhash(p unsafe.Pointer, h uintptr) uintptr {
	s := *(*string)(p)
	return memhash(unsafe.Pointer(unsafe.StringData(s)), h, uintptr(len(s)))
}
