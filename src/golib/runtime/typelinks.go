//go:build go1.27

package runtime

import (
	"internal/abi"
	_ "unsafe"
)

// panicNilText is the words of a panic with nil.
const panicNilText = "runtime error: panic called with nil argument"

//go:linkname reflect_compiledTypelinks reflect.compiledTypelinks
func reflect_compiledTypelinks() ([]*abi.Type, [][]*abi.Type) { return compiledTypes(), nil }
