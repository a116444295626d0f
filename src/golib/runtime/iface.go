package runtime

import (
	"internal/abi"
	"unsafe"
)

// Method tables of (interface, concrete type) pairs that are made at run time, keyed by the pair. Compiler-made ones
// are entered by compiled code's own use of their symbol: equal pairs must give one table, because interfaces are
// compared by table, so the first request for a pair looks among the image's tables too.
// The table is keyed by the hashes of the two types, not by their addresses, so that its loops do not follow the image's layout;
// tables with the same key make a list.
var (
	itabTable map[uint64][]*itab
	itabLock  runtimeLock
)

func itabKey(inter *interfacetype, typ *_type) uint64 {
	return uint64(inter.Type.Hash)<<32 | uint64(typ.Hash)
}

func itabOf(key uint64, inter *interfacetype, typ *_type) *itab {
	for _, tab := range itabTable[key] {
		if tab.Inter == inter && tab.Type == typ {
			return tab
		}
	}
	return nil
}

func itabsinit() {
	itabTable = make(map[uint64][]*itab)
	n := imageItabs(nil, 0)
	if n == 0 {
		return
	}
	list := make([]*itab, n)
	imageItabs(&list[0], n)
	for _, tab := range list {
		key := itabKey(tab.Inter, tab.Type)
		itabTable[key] = append(itabTable[key], tab)
	}
}

func getitab(inter *interfacetype, typ *_type, canfail bool) *itab {
	if len(inter.Methods) == 0 {
		throw("internal error - misuse of itab")
	}
	key := itabKey(inter, typ)
	itabLock.take()
	tab := itabOf(key, inter, typ)
	if tab == nil {
		size := unsafe.Sizeof(itab{}) + uintptr(len(inter.Methods)-1)*ptrSize
		tab = (*itab)(persistentalloc(size))
		tab.Inter = inter
		tab.Type = typ
		tab.Hash = typ.Hash
		itabInit(tab)
		itabTable[key] = append(itabTable[key], tab)
	}
	itabLock.give()
	if tab.Fun[0] != 0 {
		return tab
	}
	if canfail {
		return nil
	}
	panic(&TypeAssertionError{concrete: typ, asserted: &inter.Type, missingMethod: itabInit(tab)})
}

// itabInit fills the method table by a merge of two sorted lists and gives the name of a missing method.
func itabInit(m *itab) string {
	inter := m.Inter
	typ := m.Type
	x := typ.Uncommon()
	fun := unsafe.Slice(&m.Fun[0], len(inter.Methods))
	if x == nil {
		m.Fun[0] = 0
		return nameAt(inter.Methods[0].Name).Name()
	}
	xmhdr := x.Methods()
	j := 0
imethods:
	for k := range inter.Methods {
		i := &inter.Methods[k]
		itype := typeAt(i.Typ)
		name := nameAt(i.Name)
		iname := name.Name()
		ipkg := pkgPathOf(name)
		if ipkg == "" {
			ipkg = inter.PkgPath.Name()
		}
		for ; j < len(xmhdr); j++ {
			t := &xmhdr[j]
			tname := nameAt(t.Name)
			if typeAt(t.Mtyp) == itype && tname.Name() == iname {
				pkgPath := pkgPathOf(tname)
				if pkgPath == "" {
					pkgPath = nameAt(x.PkgPath).Name()
				}
				if tname.IsExported() || pkgPath == ipkg {
					fun[k] = uintptr(textAt(t.Ifn))
					continue imethods
				}
			}
		}
		m.Fun[0] = 0
		return iname
	}
	return ""
}

func pkgPathOf(n abi.Name) string {
	if n.Bytes == nil || *n.Data(0)&(1<<2) == 0 {
		return ""
	}
	i, l := n.ReadVarint(1)
	off := 1 + i + l
	if n.HasTag() {
		i2, l2 := n.ReadVarint(off)
		off += i2 + l2
	}
	var nameOff abi.NameOff
	copy((*[4]byte)(unsafe.Pointer(&nameOff))[:], (*[4]byte)(unsafe.Pointer(n.Data(off)))[:])
	return nameAt(nameOff).Name()
}

func assertE2I(inter *interfacetype, t *_type) *itab {
	if t == nil {
		panic(&TypeAssertionError{nil, nil, &inter.Type, ""})
	}
	return getitab(inter, t, false)
}

func assertE2I2(inter *interfacetype, t *_type) *itab {
	if t == nil {
		return nil
	}
	return getitab(inter, t, true)
}

// panicdottypeE reports a failed e.(T): have is the dynamic type, iface the static one.
func panicdottypeE(have, want, iface *_type) { panic(&TypeAssertionError{iface, have, want, ""}) }

func panicdottypeI(have *itab, want, iface *_type) {
	var t *_type
	if have != nil {
		t = have.Type
	}
	panicdottypeE(t, want, iface)
}

func panicnildottype(want *_type) { panic(&TypeAssertionError{nil, nil, want, ""}) }

func ifaceE2I(inter *interfacetype, e eface, dst *iface) {
	t := e._type
	if t == nil {
		panic(&TypeAssertionError{nil, nil, &inter.Type, ""})
	}
	dst.tab = getitab(inter, t, false)
	dst.data = e.data
}

//go:linkname reflect_ifaceE2I reflect.ifaceE2I
func reflect_ifaceE2I(inter *interfacetype, e eface, dst *iface) { ifaceE2I(inter, e, dst) }

//go:linkname reflectlite_ifaceE2I internal/reflectlite.ifaceE2I
func reflectlite_ifaceE2I(inter *interfacetype, e eface, dst *iface) { ifaceE2I(inter, e, dst) }

// staticuint64s holds the values that single-byte interfaces point at.
var staticuint64s [256]uint64

func staticinit() {
	for i := range staticuint64s {
		staticuint64s[i] = uint64(i)
	}
}

func getStaticuint64s() *[256]uint64 { return &staticuint64s }
