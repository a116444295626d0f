package runtime

import (
	"internal/bytealg"
	"unicode/utf8"
	"unsafe"
)

// Functions whose names end in buf have room bytes at buf for what they make, which then does not outlive the caller's
// frame: escape analysis calls them in place of those without.

// roomFor gives n bytes, those at buf if they suffice.
func roomFor(buf *byte, room, n int) unsafe.Pointer {
	if n <= room {
		return unsafe.Pointer(buf)
	}
	return mallocgc(uintptr(n), nil, false)
}

// concatstrings joins the n strings at a.
func concatstrings(a *string, n int) string { return concatstringsbuf(nil, 0, a, n) }

func concatstringsbuf(buf *byte, room int, a *string, n int) string {
	list := unsafe.Slice(a, n)
	total := 0
	count := 0
	last := 0
	for i, s := range list {
		if len(s) == 0 {
			continue
		}
		if total+len(s) < total {
			throw("string concatenation too long")
		}
		total += len(s)
		count++
		last = i
	}
	if count == 0 {
		return ""
	}
	if count == 1 {
		return list[last]
	}
	p := (*byte)(roomFor(buf, room, total))
	b := unsafe.Slice(p, total)
	at := 0
	for _, x := range list {
		memmove(unsafe.Pointer(&b[0:total:total][at:][:1:1][0]), unsafe.Pointer(unsafe.StringData(x)), uintptr(len(x)))
		at += len(x)
		if at == total {
			break
		}
	}
	return unsafe.String(p, total)
}

func concatstring2(x, y string) string { return concatstring2buf(nil, 0, x, y) }

func concatstring2buf(buf *byte, room int, x, y string) string {
	if len(x) == 0 {
		return y
	}
	if len(y) == 0 {
		return x
	}
	n := len(x) + len(y)
	if n < 0 {
		throw("string concatenation too long")
	}
	p := roomFor(buf, room, n)
	memmove(p, unsafe.Pointer(unsafe.StringData(x)), uintptr(len(x)))
	memmove(add(p, uintptr(len(x))), unsafe.Pointer(unsafe.StringData(y)), uintptr(len(y)))
	return unsafe.String((*byte)(p), n)
}

func concatstring3(x, y, z string) string {
	a := [3]string{x, y, z}
	return concatstrings(&a[0], 3)
}

// slicebytetostring is string(b); race checks read the bytes.
func slicebytetostring(ptr *byte, n int) string {
	if n == 0 {
		return ""
	}
	racereadrangefrom(unsafe.Pointer(ptr), uintptr(n), getcallerpc())
	p := mallocgc(uintptr(n), nil, false)
	memmove(p, unsafe.Pointer(ptr), uintptr(n))
	return unsafe.String((*byte)(p), n)
}

func slicebytetostringbuf(buf *byte, room int, ptr *byte, n int) string {
	if n == 0 {
		return ""
	}
	racereadrangefrom(unsafe.Pointer(ptr), uintptr(n), getcallerpc())
	p := roomFor(buf, room, n)
	memmove(p, unsafe.Pointer(ptr), uintptr(n))
	return unsafe.String((*byte)(p), n)
}

func stringtoslicebyte(s string) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	p := mallocgc(uintptr(len(s)), nil, false)
	memmove(p, unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
	return unsafe.Slice((*byte)(p), len(s))
}

func stringtoslicebytebuf(buf *byte, room int, s string) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	if len(s) > room {
		return stringtoslicebyte(s)
	}
	memmove(unsafe.Pointer(buf), unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
	memclrNoHeapPointers(add(unsafe.Pointer(buf), uintptr(len(s))), uintptr(room-len(s)))
	return unsafe.Slice(buf, room)[:len(s)]
}

func stringtoslicerune(s string) []rune {
	n := 0
	for range s {
		n++
	}
	a := make([]rune, n)
	n = 0
	for _, r := range s {
		a[n] = r
		n++
	}
	return a
}

func slicerunetostring(a []rune) string {
	if len(a) > 0 {
		racereadrangefrom(unsafe.Pointer(&a[0]), uintptr(len(a))*4, getcallerpc())
	}
	size := 0
	for _, r := range a {
		n := utf8.RuneLen(r)
		if n < 0 {
			n = 3
		}
		size += n
	}
	if size == 0 {
		return ""
	}
	b := make([]byte, 0, size)
	for _, r := range a {
		b = utf8.AppendRune(b, r)
	}
	return unsafe.String(&b[0], len(b))
}

func intstring(v int64) string {
	return intstringbuf((*byte)(mallocgc(utf8.UTFMax, nil, false)), utf8.UTFMax, v)
}

func intstringbuf(buf *byte, room int, v int64) string {
	if int64(rune(v)) != v {
		v = utf8.RuneError
	}
	n := utf8.EncodeRune(unsafe.Slice(buf, room), rune(v))
	return unsafe.String(buf, n)
}

// decoderune decodes the rune of more than one byte that starts at k and gives the index behind it.
func decoderune(s string, k int) (r rune, pos int) {
	r, n := utf8.DecodeRuneInString(s[k:])
	return r, k + n
}

func countrunes(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

func gostringnocopy(p *byte) string {
	n := 0
	for *(*byte)(add(unsafe.Pointer(p), uintptr(n))) != 0 {
		n++
	}
	return unsafe.String(p, n)
}

func gostring(p *byte) string {
	s := gostringnocopy(p)
	b := stringtoslicebyte(s)
	return unsafe.String(unsafe.SliceData(b), len(s))
}

func itoa(n int) string { return string(appendInt(nil, int64(n), true)) }

func atoi(s string) (int, bool) {
	if s == "" {
		return 0, false
	}
	neg := false
	if s[0] == '-' {
		neg = true
		s = s[1:]
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || n > 1<<58 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func indexByte(s string, c byte) int { return bytealg.IndexByteString(s, c) }
