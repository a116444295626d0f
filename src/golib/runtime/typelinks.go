//go:build go1.27

package runtime

import (
	"internal/abi"
	_ "unsafe"
)

//go:linkname reflect_compiledTypelinks reflect.compiledTypelinks
func reflect_compiledTypelinks() ([]*abi.Type, [][]*abi.Type) { return compiledTypes(), nil }
