package runtime

import (
	"internal/abi"
	_ "unsafe"
)

// What reflect asks for besides memory, channels and maps.

var typeLinks []*_type

// compiledTypes are the types that the compiler described, sorted by their strings.
func compiledTypes() []*abi.Type {
	if typeLinks == nil {
		n := imageTypeLinks(nil, 0)
		list := make([]*_type, n+1)
		imageTypeLinks(&list[0], n)
		typeLinks = list[:n]
	}
	return typeLinks
}

//go:linkname reflect_adjustAIXGCDataForRuntime reflect.adjustAIXGCDataForRuntime
func reflect_adjustAIXGCDataForRuntime(p *byte) *byte { return p }

//go:linkname reflect_getStaticuint64s reflect.getStaticuint64s
func reflect_getStaticuint64s() *[256]uint64 { return &staticuint64s }
