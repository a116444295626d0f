// What modules take from the runtime by go:linkname, as reflect2, go-json, encoding and codec do.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"unsafe"
)

// The iterator as Go 1.23 had it.
type hiter struct {
	key, elem, t, h, buckets, bptr, overflow, oldoverflow unsafe.Pointer
	startBucket                                            uintptr
	offset                                                 uint8
	wrapped                                                bool
	b, i                                                   uint8
	bucket, checkBucket                                    uintptr
}

//go:linkname reflectIterInit reflect.mapiterinit
func reflectIterInit(t, m unsafe.Pointer, it *hiter)

//go:linkname reflectIterNext reflect.mapiternext
func reflectIterNext(it *hiter)

//go:linkname reflectIterKey reflect.mapiterkey
func reflectIterKey(it *hiter) unsafe.Pointer

//go:linkname iterInit runtime.mapiterinit
func iterInit(t, m unsafe.Pointer, it *hiter)

//go:linkname iterNext runtime.mapiternext
func iterNext(it *hiter)

//go:linkname convTstring runtime.convTstring
func convTstring(s string) unsafe.Pointer

//go:linkname stringHash runtime.stringHash
func stringHash(s string, seed uintptr) uintptr

//go:linkname typedslicecopy runtime.typedslicecopy
func typedslicecopy(t, dst unsafe.Pointer, n int, src unsafe.Pointer, m int) int

//go:linkname memclrHasPointers runtime.memclrHasPointers
func memclrHasPointers(p unsafe.Pointer, n uintptr)

type eface struct{ typ, data unsafe.Pointer }

func typeOf(x any) unsafe.Pointer { return (*eface)(unsafe.Pointer(&x)).typ }

func main() {
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	p := reflect.ValueOf(m).UnsafePointer()
	var it, other hiter
	var seen []string
	for reflectIterInit(typeOf(m), p, &it); it.key != nil; reflectIterNext(&it) {
		if reflectIterKey(&it) != it.key {
			panic("another key")
		}
		seen = append(seen, fmt.Sprint(*(*string)(it.key), *(*int)(it.elem)))
	}
	sum := 0
	for iterInit(typeOf(m), p, &other); other.key != nil; iterNext(&other) {
		sum += *(*int)(other.elem)
	}
	sort.Strings(seen)
	fmt.Println(seen, sum)
	var none hiter
	iterInit(typeOf(m), nil, &none)
	fmt.Println(none.key == nil)
	fmt.Println(*(*string)(convTstring("kept")), stringHash("x", 1) == stringHash("x", 1))
	from, to := []*int{new(int), new(int)}, make([]*int, 3)
	fmt.Println(typedslicecopy(typeOf(from[0]), unsafe.Pointer(&to[0]), len(to), unsafe.Pointer(&from[0]), len(from)), to[1] == from[1], to[2])
	memclrHasPointers(unsafe.Pointer(&to[0]), 16)
	fmt.Println(to[0], to[1])
}
